/** Words of English and of settings. None is short enough, or of hex letters alone, to stand often in random texts. */
const WORDS = new Set(
  `the and for are but not you all any can her was one our out day get has him his how man new now
  old see two way who boy did its let put say she too use with this that have from they know want
  been good much some time very when come here just like long make many more only over such take
  than them well were will about after again could every first found great house large learn never
  other place plant point right small sound spell still study their there these thing think three
  water where which world would write because before between different follow another example
  through should people little number please share quick brown fox jump jumps jumped lazy dog dogs
  cat cats horse correct battery staple house home work life love money power happy summer winter
  spring autumn monday tuesday wednesday thursday friday saturday sunday january february march
  april june july august september october november december morning night today tomorrow black
  white green blue yellow orange purple silver golden dragon monkey master shadow sunshine princess
  football baseball welcome hello world flower tiger lion eagle river mountain ocean forest island
  coffee pizza apple banana cheese chocolate computer internet keyboard screen window school
  teacher student doctor company office product project team customer business account private
  public super secure security secret secrets safe strong long random string strings jwt jwk jwks
  token tokens key keys sign signs signed signing signature verify issuer audience bearer auth
  oauth authentication authorization authorisation login user users username admin administrator
  root pass password passwords passphrase hash salt pepper cipher crypto encrypt encryption
  prod production stage staging develop developer development test tests testing local localhost
  live demo sample default config configuration setting settings environment server servers client
  service services system systems application api app apps web website backend frontend database
  cloud cluster docker container kubernetes network host internal external global region north
  south east west central ultimate mcp acme corp change changed replace insert value values your
  mine must need enough nobody anyone everyone somebody something nothing anything version release
  final temp temporary build deploy deployment pipeline github gitlab google amazon azure
  microsoft oracle postgres redis neo4j grafana prometheus shared common session cookie access
  refresh rotate rotation expire year month week hour minute second name names mail email phone`
    .split(/\s+/).filter((word) => /^[a-z]{3,}$/.test(word) && !/^[a-f]+$/.test(word)),
);
/** Shorter words are seen only where letters of one kind make up nothing else. */
const MIN_INNER_LENGTH = 5;

/** A date, with a time or without; a time; a year. */
const DATES =
  /\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?|\d{2}:\d{2}:\d{2}|(?<!\d)(?:19|20)\d{2}(?!\d)/g;

/**
 * How many characters of a text lie in words of a small dictionary, in dates, or separate these from
 * what follows.
 */
export function readableLength(text: string): number {
  const read = new Set<number>();
  const mark = (from: number, length: number) => {
    for (let at = from; at < from + length; at++) read.add(at);
  };
  for (const { 0: run, index } of text.matchAll(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g)) {
    for (const [from, length] of wordsIn(run.toLowerCase())) mark(index + from, length);
  }
  for (const { 0: date, index } of text.matchAll(DATES)) mark(index, date.length);
  for (const { 0: separator, index } of text.matchAll(/[^A-Za-z\d]{1,2}/g)) {
    if (read.has(index - 1)) mark(index, separator.length);
  }
  return read.size;
}

/** Words that make up the whole run, else the longer ones in it. */
function wordsIn(run: string): [from: number, length: number][] {
  if (isWords(run)) return [[0, run.length]];
  const found: [number, number][] = [];
  for (let from = 0; from + MIN_INNER_LENGTH <= run.length; from++) {
    for (let length = MIN_INNER_LENGTH; from + length <= run.length; length++) {
      if (WORDS.has(run.slice(from, from + length))) found.push([from, length]);
    }
  }
  return found;
}

function isWords(run: string): boolean {
  const ends = [true];
  for (let end = 1; end <= run.length; end++) {
    ends[end] = ends.some((isEnd, from) => isEnd && from < end && WORDS.has(run.slice(from, end)));
  }
  return ends[run.length] === true;
}
