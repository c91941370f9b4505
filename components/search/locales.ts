/**
 * The languages whose rules MeiliSearch knows, each by its codes of ISO 639-1 and 639-3. Mandarin has the latter only.
 * @see https://www.meilisearch.com/docs/reference/api/settings: "localizedAttributes"
 */
const CODES =
  "af:afr ak:aka am:amh ar:ara az:aze be:bel bn:ben bg:bul ca:cat cs:ces da:dan de:deu el:ell en:eng eo:epo et:est " +
  "fi:fin fr:fra gu:guj he:heb hi:hin hr:hrv hu:hun hy:hye id:ind it:ita jv:jav ja:jpn kn:kan ka:kat km:khm ko:kor " +
  "la:lat lv:lav lt:lit ml:mal mr:mar mk:mkd my:mya ne:nep nl:nld nb:nob or:ori pa:pan fa:pes pl:pol pt:por ro:ron " +
  "ru:rus si:sin sk:slk sl:slv sn:sna es:spa sr:srp sv:swe ta:tam te:tel tl:tgl th:tha tk:tuk tr:tur uk:ukr ur:urd " +
  "uz:uzb vi:vie yi:yid zh:zho zu:zul";

const pairs = new Map(CODES.split(" ").map((pair) => pair.split(":") as [string, string]));

/** Every code that the server takes, those of two letters first. */
export const LOCALES: readonly string[] = [...pairs.keys(), ...pairs.values(), "cmn"];

/** The code of three letters: what the server answers with, whichever it was given. */
export const longCode = (locale: string): string => pairs.get(locale) ?? locale;
