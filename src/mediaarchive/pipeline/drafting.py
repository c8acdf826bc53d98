"""Drafts of alternative texts: a machine is shown what is published and nobody has described, and its words are kept for a person.

manifest → what is missing → one picture a request, all languages in one → what a machine may not say → archive/drafts/

What is sent is what everybody can see already: the published picture, made smaller, with what stands beside it on its page. So
nothing is sent that is held back, and what is withdrawn meanwhile can't be fetched any more.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Any

from mediaarchive import events
from mediaarchive.captioners import Budget, open_drafter
from mediaarchive.catalog.drafts import FIT, SILENT, UNFIT
from mediaarchive.errors import Damaged, EngineFault, MediaArchiveError, StoreError, Unusable, UsageError
from mediaarchive.manifest.model import Photo, alt_of
from mediaarchive.model import Asset, Draft, Question, Reply
from mediaarchive.pipeline.answering.gaps import Gaps, Picture, jpeg_of, known, path_of, pictures
from mediaarchive.pipeline.deciding.ruling import ruling
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Drafter
from mediaarchive.stages.drafts import EDGE, reduced, unfit

_IN_A_ROW = 3  # pictures without an answer, after which nobody is asked any more
_NO_TEXT = "no-text"
_LONGEST = 1_000  # characters of what is known of a picture, of each kind
_Answer = Reply | tuple[str, Unusable]  # a reply, or the hash of the picture and why there is none


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """One picture to ask about: `languages` are those to ask for, `key` is where its published JPEG is.

    `assets`: the picture's, then those of the other frames of its burst that lack the same: what is said of one is said of all.
    `silent`: whether there was no answer about it before: it is asked about last, so that it is in nobody's way.
    """

    assets: tuple[Asset, ...]
    path: str
    languages: tuple[str, ...]
    key: str
    known: Mapping[str, str]
    captions: Mapping[str, str]
    silent: bool


@dataclass(kw_only=True)
class Drafted:
    """What came of one event: texts by language, those that may not be shown, and pictures without an answer."""

    slug: str
    pictures: int = 0
    drafts: Counter[str] = field(default_factory=Counter)
    unfit: list[dict[str, str]] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)

    def value(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "slug": self.slug,
            "pictures": self.pictures,
            "drafts": dict(self.drafts),
            "unfit": self.unfit,
            "failed": self.failed,
        }


@dataclass(kw_only=True)
class Drafting:
    """One `texts draft`: its events, what it cost, and why it ended before its end, if it did."""

    events: list[Drafted] = field(default_factory=list)
    calls: int = 0
    tokens: int = 0
    stopped: MediaArchiveError | None = None


def draft_events(
    shop: Shop, slugs: Collection[str], *, languages: Collection[str] = (), limit: int = 0, again: bool = False
) -> Drafting:
    """Ask for the drafts that these events lack; what was had is kept, whatever ends it.

    Args:
        shop: the workspace, open beside a run that may be on.
        slugs: the events'.
        languages: only these; none: all of each event's.
        limit: pictures asked about at most; 0: all.
        again: ask again about what has a draft that nobody said ok to, or one that was unfit.

    Raises:
        UsageError: no engine is set, there is no such event, it isn't published, or not in such a language.
        EngineRefused: the engine can't be used.
        Busy: another one is at it.
    """
    settings = shop.settings.texts.engine
    budget = Budget(calls=settings.max_calls, tokens=settings.max_tokens)
    drafter = open_drafter(settings, os.environ, budget)
    if drafter is None:
        raise UsageError(
            "nobody is there to draft texts: [texts.engine] kind is none", hint="docs/drafts.md says what can be asked"
        )
    every = [Gaps(shop, slug) for slug in dict.fromkeys(slugs)]
    for gaps in every:
        gaps.must_be_in(languages)
    done = Drafting()
    with shop.workspace.lock(shop.now(), "drafting.lock", "`texts draft`"):
        left = limit or None
        for gaps in every:
            every_wish = _together(gaps, _wishes(gaps, drafter, languages, again=again))
            wishes = sorted(every_wish, key=lambda wish: wish.silent)[:left]
            left = left and left - len(wishes)
            done.events.append(drafted := Drafted(slug=gaps.manifest.slug))
            try:
                _Passing(shop, gaps, drafter, drafted).carry_out(wishes)
            except EngineFault as error:
                done.stopped = error
            finally:
                done.calls, done.tokens = budget.calls, budget.tokens
            if done.stopped or left == 0:
                break
    return done


def _wishes(gaps: Gaps, drafter: Drafter, languages: Collection[str], *, again: bool) -> Iterator[Wish]:
    """What to ask about, in the gallery's order. A person's no is not asked about again."""
    for item, gone in gaps.missing(languages):
        asset = gaps.shop.catalog.asset(item.id)
        key = jpeg_of(item, EDGE)
        if asset is None or not key:
            continue
        there = gaps.drafts(asset)
        wanted = [lang for lang in gone if again or not _answers(there.get(lang), drafter)]
        refused = gaps.refused(asset) if wanted else set()
        if wanted := [lang for lang in wanted if lang not in refused]:
            yield Wish(
                assets=(asset,),
                path=path_of(gaps.shop, gaps.manifest.slug, item.id) or item.id,
                languages=tuple(wanted),
                key=key,
                known=_known(gaps, item),
                captions={lang: text.text for lang, text in item.caption.items()},
                silent=any(lang in there and there[lang].state == SILENT for lang in wanted),
            )


def _together(gaps: Gaps, wishes: Iterable[Wish]) -> list[Wish]:
    """One question for all frames of a burst that lack the same languages."""
    covers = {item.id: item.stack.cover for item in pictures(gaps.manifest) if isinstance(item, Photo) and item.stack}
    found: dict[tuple[str, tuple[str, ...]], Wish] = {}
    for wish in wishes:
        [asset] = wish.assets
        place = covers.get(asset.id) or asset.id, wish.languages
        first = found.get(place)
        found[place] = replace(first, assets=(*first.assets, asset)) if first else wish
    return [*found.values()]


def _answers(draft: Draft | None, drafter: Drafter) -> bool:
    """Whether asking would bring nothing new: there is a draft, or this very machine, asked in this way, had none that was fit."""
    if draft is None or draft.state == SILENT:
        return False
    asked = (drafter.engine, drafter.model, drafter.prompt)
    return draft.state == FIT or (draft.engine, draft.model, draft.prompt) == asked


def _known(gaps: Gaps, item: Picture) -> dict[str, str]:
    """What stands on the picture's page anyway."""
    event = gaps.manifest.event
    lang = gaps.manifest.languages[0]
    taken = {"event": event.title, "place": event.place}
    found = {what: text for what, texts in taken.items() if (text := _in(texts, lang))}
    if day := item.day or (item.taken or "")[:10]:
        found["day"] = day
    kinds = {"alternative text": alt_of(item), "caption": item.caption, "title": item.title}
    for what, texts in kinds.items():
        said = {text.text for text in texts.values()}
        lines = [f"{other}: {text}" for other, text in known(item, "") if text in said]
        if lines:
            found[f"{what}, by a person"] = " | ".join(lines)
    found = {what: text[:_LONGEST] for what, text in found.items()}
    found["kind of item"] = "photograph" if isinstance(item, Photo) else "a film, of which this is one picture"
    return found


def _in(texts: Mapping[str, str], lang: str) -> str:
    return texts.get(lang) or next((text for text in texts.values() if text), "")


class _Passing:
    """One event's pictures on their way to a machine and back: asked by threads, judged and written down by this one."""

    def __init__(self, shop: Shop, gaps: Gaps, drafter: Drafter, drafted: Drafted) -> None:
        self._shop, self._gaps, self._drafter, self._drafted = shop, gaps, drafter, drafted
        self._drafts = shop.workspace.drafts()
        self._silent = 0

    def carry_out(self, wishes: Sequence[Wish]) -> None:
        """Ask about each.

        Raises:
            EngineFault, EngineRefused: going on is of no use.
        """
        slug, parallel = self._drafted.slug, self._shop.settings.texts.engine.parallel
        self._shop.sink(events.StageStarted(event=slug, stage="draft", total=len(wishes)))
        asked: dict[Future[_Answer | None], Wish] = {}
        pool = ThreadPoolExecutor(parallel)
        try:
            for wish in wishes:
                asked[pool.submit(self._ask, wish)] = wish
                if len(asked) >= parallel:
                    self._take(asked)
            while asked:
                self._take(asked)
        except MediaArchiveError:
            pool.shutdown(cancel_futures=True)  # what is asked already costs something already: it is waited for
            for future, wish in asked.items():
                if not future.cancelled() and not future.exception():
                    self._answered(wish, future)
            raise
        except BaseException:  # somebody is in a hurry
            self._drafter.close()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
            self._shop.sink(events.StageEnded(event=slug, stage="draft"))

    def _ask(self, wish: Wish) -> _Answer | None:
        """In a thread of its own. None: the picture was withdrawn meanwhile."""
        found = self._shop.stores[0].get(wish.key)
        if found is None:
            return None
        try:
            picture = reduced(found[0])
        except (OSError, ValueError) as error:
            raise Damaged(f"{self._shop.stores[0].url(wish.key)} can't be opened: {error}") from error
        question = Question(picture=picture, languages=wish.languages, known=wish.known)
        try:
            return self._drafter.draft(question)
        except Unusable as error:
            return hashlib.sha256(picture).hexdigest(), error

    def _take(self, asked: dict[Future[_Answer | None], Wish]) -> None:
        """Wait for an answer, and deal with it."""
        for future in wait(asked, return_when=FIRST_COMPLETED).done:
            self._answered(wish := asked.pop(future), future)
            self._shop.sink(events.WorkDone(event=self._drafted.slug, stage="draft", id=wish.path, status="ok"))

    def _answered(self, wish: Wish, future: Future[_Answer | None]) -> None:
        try:
            answer = future.result()
        except (EngineFault, StoreError) as error:
            if isinstance(error, EngineFault) and error.stop:
                raise
            self._drafted.failed.append({"path": wish.path, "reason": error.message})
            self._silent += 1
            if isinstance(error, EngineFault):
                self._kept(wish.assets, [self._unanswered(lang) for lang in wish.languages])
            if self._silent >= _IN_A_ROW:
                raise EngineFault(
                    f"{_IN_A_ROW} pictures in a row had no answer, the last: {error.message}",
                    hint="`mediaarchive doctor` asks again; then the same command goes on",
                    stop=True,
                ) from error
            return
        self._silent = 0
        there = self._still_there(wish) if answer is not None else []
        if answer is None or not there:
            return
        self._drafted.pictures += len(there)
        drafts = [self._judged(wish, lang, answer) for lang in wish.languages]
        self._kept(there, drafts)
        for draft in drafts:
            if draft.state == FIT:
                self._drafted.drafts[draft.lang] += len(there)
            else:
                one = {"path": wish.path, "lang": draft.lang, "text": draft.text}
                self._drafted.unfit.append(one | {"rule": draft.why[0][0], "says": draft.why[0][1]})

    def _kept(self, assets: Iterable[Asset], drafts: Sequence[Draft]) -> None:
        try:
            for asset in assets:
                self._drafts.keep(asset.master, drafts)
        except OSError as error:
            raise StoreError(
                f"drafts can't be kept in {self._shop.workspace.archive}: {error.strerror}", hint="see that disk"
            ) from error

    def _unanswered(self, lang: str) -> Draft:
        """The same each time, so that a picture that is never answered leaves one small file."""
        by = self._drafter
        return Draft(
            lang=lang, text="", state=SILENT, engine=by.engine, model=by.model, prompt=by.prompt, sent="", at=""
        )

    def _still_there(self, wish: Wish) -> list[Asset]:
        """Those that nobody has withdrawn while somebody was thinking about them; none, if that was what was looked at.

        Of others nothing is kept.
        """
        self._shop.catalog.catch_up()
        holds = ruling(self._shop)
        there = [asset for asset in wish.assets if holds.withdrawal(asset) is None]
        return there if there[:1] == [*wish.assets[:1]] else []

    def _judged(self, wish: Wish, lang: str, answer: _Answer) -> Draft:
        """A draft in one language, and whether a person may see it."""
        if isinstance(answer, Reply):
            text, sent = answer.texts.get(lang, ""), answer.sent
            why = self._unfit(wish, lang, text) if text else [(_NO_TEXT, "there is no text in this language")]
        else:
            text, sent = "", answer[0]
            why = [(_NO_TEXT, answer[1].message)]
        return Draft(
            lang=lang,
            text=text,
            state=UNFIT if why else FIT,
            engine=self._drafter.engine,
            model=self._drafter.model,
            prompt=self._drafter.prompt,
            sent=sent,
            at=self._shop.now().isoformat(timespec="milliseconds"),
            why=tuple(why),
        )

    def _unfit(self, wish: Wish, lang: str, text: str) -> list[tuple[str, str]]:
        found = unfit(
            text,
            lang,
            languages=self._gaps.manifest.languages,
            known=wish.known,
            caption=wish.captions.get(lang, ""),
        )
        return [(one.rule, one.says) for one in found]
