// Makes the code for embedding complete and easy to copy. The page is whole without it.
for (const code of document.querySelectorAll("textarea.code")) {
  if (location.protocol !== "file:") {
    const root = new URL(code.dataset.base, location.href).href;
    code.value = code.value.replaceAll(`"${code.dataset.base}`, `"${root}`);
    document.getElementById("code-note").hidden = true;
  }
  if (navigator.clipboard) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = code.dataset.copy;
    button.setAttribute("aria-describedby", `${code.id}-label`);
    const told = document.createElement("span");
    told.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code.value);
      told.textContent = code.dataset.copied;
    });
    code.after(button, told);
  }
}
