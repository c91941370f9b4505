import { Random, zipf } from "./random.ts";

interface Language {
  /** Of all messages. */
  readonly share: number;
  /** Its most frequent words, the first the most frequent. */
  readonly frequent: string;
  /** What its other words are made of. An empty end is a dash, and what is there twice is twice as frequent. */
  readonly syllables: { readonly begin: string; readonly middle: string; readonly end: string };
  /** Between words. */
  readonly gap: string;
}

const LANGUAGES: Readonly<Record<string, Language>> = {
  en: {
    share: 0.4,
    frequent:
      "the to i a you and it of is in that for on we this not be are was with have do so at just can what if but will from or all up one know out about think like now see need time",
    syllables: {
      begin: "b br c ch cl cr d dr f fl fr g gr h j l m n p pl pr qu r s sc sh sl sp st str t th tr v w",
      middle: "a e i o u a e i o ea ee oo ou ai",
      end: "- - n r t l s d m ck ng nt st rd ll y",
    },
    gap: " ",
  },
  es: {
    share: 0.12,
    frequent:
      "de que no a la el y en lo un por me se los con una para es te ya pero si las al del mi como más todo está hay muy esta bien cuando ahora",
    syllables: {
      begin: "b c ch d f g gr h j l ll m n p pr qu r s t tr v br cl",
      middle: "a e i o u a e o ie ue ía",
      end: "- - - - n s r l d ción",
    },
    gap: " ",
  },
  de: {
    share: 0.14,
    frequent:
      "ich die und der das ist nicht du es wir zu in ein mit was auch auf für mal so den ja aber wenn noch dann von da sie hat kann man schon nur wie haben",
    syllables: {
      begin: "b br d f fl g gr h k kl kr l m n p pf r s sch schl sp st str t tr v w z",
      middle: "a e i o u a e i ä ö ü ei au ie",
      end: "- n r t l ch cht st ng rt ns ft ung lich keit",
    },
    gap: " ",
  },
  fr: {
    share: 0.1,
    frequent:
      "de je est pas le la et les que un ça en des on a pour une il qui dans ce tu du mais au avec plus sur tout bien si fait vous nous moi",
    syllables: {
      begin: "b bl br c ch cl d f fr g gr j l m n p pl pr qu r s t tr v",
      middle: "a e i o u é è ou ai eau oi eu",
      end: "- - - r s t l n nt tion ment que",
    },
    gap: " ",
  },
  pt: {
    share: 0.08,
    frequent:
      "que de não a o e eu é um para do da em se me com uma no os mas por mais você isso na vai tem como bem está já aqui quando agora",
    syllables: {
      begin: "b c ch d f g j l lh m n nh p pr qu r s t tr v br",
      middle: "a e i o u a e o ão ei ou",
      end: "- - - - m r s l ção",
    },
    gap: " ",
  },
  it: {
    share: 0.06,
    frequent:
      "che di non è e la il un a per in una mi ma lo ho ti con si da come ci se le più sono del al cosa no hai bene della anche fare ora",
    syllables: {
      begin: "b c ch d f g gl gn gr l m n p pr qu r s sc st t tr v z",
      middle: "a e i o u a e i o ia io",
      end: "- - - - - n r l tto zione",
    },
    gap: " ",
  },
  nl: {
    share: 0.05,
    frequent:
      "de ik het een en is dat je niet van in die we op te wat er met ook voor maar zijn nog als dan aan wel om hebben naar moet kan goed al",
    syllables: {
      begin: "b bl br d dr f g gr h k kl kr l m n p r s sch sl st t tr v w z",
      middle: "a e i o u aa ee oo ij ui oe ie",
      end: "- - n r t l k s cht ng nd en ing",
    },
    gap: " ",
  },
  ru: {
    share: 0.03,
    frequent:
      "я и в не что на это ты с а как у мы но так по да то все за меня он бы уже нет если еще мне когда для вот ну",
    syllables: {
      begin: "б в г д ж з к л м н п р с т ф х ц ч ш пр ст тр",
      middle: "а е и о у ы а е и о я ю",
      end: "- - - н т л р ть ся ние ого",
    },
    gap: " ",
  },
  ja: {
    share: 0.02,
    frequent: "の は が に を で と も ね よ です ます した から けど これ それ ない ある って",
    syllables: {
      begin: "会 送 見 確 新 今 日 明 資 料 画 面 設 定 メ デ ス コ",
      middle: "議 信 認 規 回 本 料 ー",
      end: "- - る い て",
    },
    gap: "",
  },
};

/** As many as a chat of some 100,000 messages uses. */
const WORDS = 15_000;

/** A language of the messages. */
export interface Vocabulary {
  readonly share: number;
  readonly gap: string;
  /** Words that every other message has: nobody looks for them alone. */
  readonly frequent: ReadonlySet<string>;
  readonly word: (random: Random) => string;
}

export const vocabularies = (): readonly Vocabulary[] =>
  Object.values(LANGUAGES).map(({ share, frequent, syllables, gap }, seed) => {
    const first = frequent.split(" ");
    return { share, gap, frequent: new Set(first), word: zipf(words(first, syllables, new Random(seed + 1))) };
  });

function words(frequent: readonly string[], syllables: Language["syllables"], random: Random): string[] {
  const [begin, middle, end] = [syllables.begin, syllables.middle, syllables.end].map((parts) =>
    parts.split(" ").map((part) => (part === "-" ? "" : part)),
  ) as [string[], string[], string[]];
  const syllable = (last: boolean) =>
    random.pick(begin) + random.pick(middle) + (last || random.chance(0.3) ? random.pick(end) : "");
  const all = new Set(frequent);
  for (let tries = 0; all.size < WORDS && tries < 20 * WORDS; tries++) {
    // The rarer a word, the longer.
    const length = 1 + Math.min(2, Math.floor(random.next() * (0.6 + 0.5 * Math.log10(all.size))));
    all.add(Array.from({ length }, (_, index) => syllable(index === length - 1)).join(""));
  }
  return [...all];
}
