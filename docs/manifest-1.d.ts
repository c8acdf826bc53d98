// The manifest of mediaarchive, version 1.x: fields are only added. Generated from the JSON Schema beside this file.
// Paths are relative to `base`, which is relative to the manifest's own address:
//   new URL(rendition.url, new URL(manifest.base, manifestUrl))

/** How many items of each type the whole event has, on all its pages. */
export interface Counts {
  photo: number;
  video: number;
  document: number;
  tombstone: number;
}

/** A document for download, such as the programme. */
export interface Document {
  type: "document";
  id: string;
  page: string;
  title: Record<string, LocalText>;
  url: string;
  media_type: string;
  bytes: number;
  pages?: number;
  cover?: Poster;
  rights: Rights;
  aliases: string[];
}

/** What the event was: texts by language. */
export interface Event {
  title: Record<string, string>;
  description: Record<string, string>;
  start?: string;
  end?: string;
  timezone: string;
  place: Record<string, string>;
  country?: string;
  homepage?: string;
}

/** One file of a film. `type` carries the codecs, as `<source type>` takes it. */
export interface FilmSource {
  type: string;
  url: string;
  w: number;
  h: number;
  bytes: number;
}

/** media/<id>/item.json: the item as in its events' manifests, and every object that belongs to it. */
export interface ItemManifest {
  "$schema": string;
  schema: "mediaarchive/item/1.0";
  base: string;
  item: Photo | Video | Document | Tombstone;
  events: string[];
  objects: Stored[];
  alias_of?: string;
}

/** What else is published of this event, relative to `base`. */
export interface Links {
  page: string;
  languages: Record<string, string>;
  json_schema: string;
  types: string;
}

/** A text in one language. `state` `placeholder` means that nobody has described this yet: it counts as missing. So does `draft`: a machine wrote it, and nobody has read it. Whoever shows it says so. `lang`, where it is given, is the language that the text is really in, for the attribute of that name: a placeholder stands in English under a language that we have no words of. */
export interface LocalText {
  text: string;
  state: "placeholder" | "draft" | "translated" | "provided" | "approved" | "decorative";
  source: "embedded" | "sidecar" | "sheet" | "event" | "template" | "model" | "translation" | "review";
  lang?: string;
}

/** One event: the first hundred items, and in `next` the address of the page with the following ones. */
export interface Manifest {
  "$schema": string;
  schema: "mediaarchive/manifest/1.0";
  base: string;
  slug: string;
  /** The default language first. */
  languages: string[];
  event: Event;
  publisher: Publisher;
  rights: Rights;
  links: Links;
  counts: Counts;
  items: (Photo | Video | Document | Tombstone)[];
  next?: string;
  retired?: Retired;
}

/** A photograph. `width` and `height`: the original's, upright. `taken` carries its offset where that is known. */
export interface Photo {
  type: "photo";
  id: string;
  page: string;
  taken?: string;
  taken_precision?: "second" | "day";
  taken_basis?: string;
  /** The event's local day, for grouping: YYYY-MM-DD. */
  day?: string;
  title: Record<string, LocalText>;
  alt: Record<string, LocalText>;
  long: Record<string, LocalText>;
  caption: Record<string, LocalText>;
  width: number;
  height: number;
  color?: string;
  thumbhash?: string;
  /** What a crop keeps: [x, y] from the top left, each 0 to 1; for CSS object-position. */
  focus?: [number, number];
  sources: SourceSet[];
  /** For social networks: 1200 x 630 at most, around the focus. */
  card?: Rendition;
  /** In full size, with its texts, credit and rights inside. */
  download?: Rendition;
  stable: Record<string, string>;
  rights: Rights;
  stack?: Stack;
  aliases: string[];
  /** Codes about the original: gain-map, hdr (both shown as SDR), c2pa (renditions have none), animated. */
  notes: string[];
}

/** A film's still, with its own alternative text. */
export interface Poster {
  alt: Record<string, LocalText>;
  color?: string;
  thumbhash?: string;
  sources: SourceSet[];
}

/** Who answers for it, and where a removal is asked for. */
export interface Publisher {
  name?: string;
  url?: string;
  contact?: string;
}

/** One file of a picture: `url` relative to `base`, `w` and `h` in pixels, `bytes` its size. */
export interface Rendition {
  w: number;
  h: number;
  url: string;
  bytes: number;
}

/** What stands instead of an event's items once the event was retired. */
export interface Retired {
  /** The day: YYYY-MM-DD. */
  removed: string;
  reason: "consent-withdrawn" | "rights-expired" | "legal-request" | "published-by-mistake" | "quality" | "unspecified";
  text: Record<string, string>;
  contact?: string;
}

/** Who made it and what may be done with it. */
export interface Rights {
  credit?: string;
  creator?: string;
  copyright?: string;
  licence?: string;
  usage_terms?: Record<string, string>;
}

/** All sizes of one type, rising: what a `<source type srcset>` needs. */
export interface SourceSet {
  type: string;
  set: Rendition[];
}

/** A burst of `size` frames, on each of them: `items` are all, `cover` (the first) stands for them where space is short. */
export interface Stack {
  kind: "burst" | "similar";
  size: number;
  items: string[];
  cover?: string;
}

/** One object of an item, for audits: which recipe made it, and what its bytes are. */
export interface Stored {
  url: string;
  sha256: string;
  bytes: number;
  recipe?: string;
}

/** What stays where an item was withdrawn: no hash, no alternative text, no credit, no name. */
export interface Tombstone {
  type: "tombstone";
  id: string;
  was: "photo" | "video" | "document";
  page: string;
  /** The day: YYYY-MM-DD. */
  removed: string;
  reason: "consent-withdrawn" | "rights-expired" | "legal-request" | "published-by-mistake" | "quality" | "unspecified";
  text: Record<string, string>;
  contact?: string;
  aliases: string[];
}

/** A WebVTT file: what `<track>` needs. */
export interface Track {
  kind: "captions" | "subtitles" | "descriptions" | "chapters";
  srclang: string;
  label: string;
  url: string;
  default: boolean;
}

/** A film. `duration` in seconds. `captions` says whether what is spoken can be read. */
export interface Video {
  type: "video";
  id: string;
  page: string;
  taken?: string;
  taken_precision?: "second" | "day";
  taken_basis?: string;
  day?: string;
  title: Record<string, LocalText>;
  caption: Record<string, LocalText>;
  long: Record<string, LocalText>;
  width: number;
  height: number;
  duration: number;
  audio: boolean;
  poster: Poster;
  sources: FilmSource[];
  tracks: Track[];
  captions: "provided" | "missing" | "not-needed";
  stable: Record<string, string>;
  rights: Rights;
  aliases: string[];
  notes: string[];
}

export type Item = Photo | Video | Document | Tombstone;
