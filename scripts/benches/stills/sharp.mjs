// The same renditions by sharp: node sharp.mjs NODE_MODULES expert|clone THREADS RECIPE PHOTOGRAPH…
// expert: one decode, then a chain of raw buffers. clone: as its documentation shows it, one clone() for each output.
import { createRequire } from "node:module";
const [home, way, threads, recipe, ...photographs] = process.argv.slice(2);
const sharp = createRequire(home + "/")("sharp");
if (threads !== "all") sharp.concurrency(Number(threads));
sharp.cache(false);
const wanted = JSON.parse(recipe);
const encode = (image, one) =>
  one.format === "avif"
    ? image.avif({ quality: one.quality, effort: 9 - one.speed, chromaSubsampling: one.subsampling })
    : image.jpeg({ quality: one.quality, progressive: true, optimizeCoding: true, chromaSubsampling: one.subsampling });
const box = (edge) => ({ width: edge, height: edge, fit: "inside", withoutEnlargement: true });
const edges = [...new Set(wanted.map((one) => one.edge))].sort((a, b) => b - a);
let bytes = 0;
const keep = (buffer) => { bytes += buffer.length; };
const ways = {
  async expert(path) {
    let input = path, options = {};
    for (const edge of edges) {
      let image = sharp(input, options);
      if (input === path) image = image.rotate();
      const { data, info } = await image.resize(box(edge)).removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
      input = data;
      options = { raw: { width: info.width, height: info.height, channels: info.channels } };
      for (const one of wanted) if (one.edge === edge) keep(await encode(sharp(input, options), one).toBuffer());
    }
  },
  async clone(path) {
    const image = sharp(path).rotate();
    await Promise.all(wanted.map(async (one) => keep(await encode(image.clone().resize(box(one.edge)), one).toBuffer())));
  },
};
const costs = [];
for (const path of photographs) {
  const before = process.cpuUsage();
  await ways[way](path);
  const used = process.cpuUsage(before);
  costs.push((used.user + used.system) / 1e6);
}
console.log(JSON.stringify({ cpu: costs, bytes, versions: sharp.versions }));
