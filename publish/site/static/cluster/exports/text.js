// Texts as Python writes them: wrapped lines, escapes, hosts, and what a file lacks.

const SPACES = /([\t\n\x0b\x0c\r ]+)/;
const WORDS =
  /([\t\n\x0b\x0c\r ]+|(?<=[\w!"'&.,?])-{2,}(?=\w)|[^\t\n\x0b\x0c\r ]+?(?:-(?:(?<=[A-Za-z_]{2}-)|(?<=[A-Za-z_]-[A-Za-z_]-))(?=[A-Za-z_]-?[A-Za-z_])|(?=[\t\n\x0b\x0c\r ]|$)|(?<=[\w!"'&.,?])(?=-{2,}\w)))/;
const HOST = /^(?=.{1,253}$)(?!\*\.[^.]*$)(?:\*\.)?(?:(?!-)(?:[a-z0-9*-]|\{[a-z0-9_-]+\}){1,63}\.)+(?=[a-z0-9-]*[a-z])(?!-)[a-z0-9-]{1,63}$/;

/** What only the command line can write; the message says why. */
export class NotWritten extends Error {}

/** Say whether a text is a host, with stars and placeholders if need be. */
export function isHostPattern(text) {
  return HOST.test(text.toLowerCase());
}

/** The rules that could not be expressed at all, as dropped. */
export function unmetNotes(found) {
  return found.unmet.map(({ id, reason }) => ({ id, fidelity: "dropped", reason }));
}

/** What a file lacks, as lines for its head; none if it lacks nothing. */
export function lackingLines(notes) {
  const dropped = notes.filter(({ fidelity }) => fidelity === "dropped");
  return dropped.length ? ["Needed, and not in this file:", ...dropped.map(({ id, reason }) => `${id}: ${reason}`)] : [];
}

/** Wrap a text as Python's textwrap does; `hyphens` lets words be parted behind one. */
export function wrap(text, width, { hyphens = false } = {}) {
  const chunks = text.replace(/[\t\n\x0b\x0c\r]/g, " ").split(hyphens ? WORDS : SPACES).filter(Boolean).reverse();
  const lines = [];
  while (chunks.length) {
    const line = [];
    let length = 0;
    if (!chunks.at(-1).trim() && lines.length) chunks.pop();
    while (chunks.length && length + chunks.at(-1).length <= width) {
      length += chunks.at(-1).length;
      line.push(chunks.pop());
    }
    if (chunks.length && chunks.at(-1).length > width) line.push(cut(chunks, width - length, hyphens));
    if (line.length && !line.at(-1).trim()) line.pop();
    if (line.length) lines.push(line.join(""));
  }
  return lines;
}

/** Take so much of a word that is longer than a line as there is room for. */
function cut(chunks, room, hyphens) {
  const word = chunks.pop();
  const hyphen = hyphens ? word.lastIndexOf("-", room - 1) : -1;
  const end = hyphen > 0 && /[^-]/.test(word.slice(0, hyphen)) ? hyphen + 1 : Math.max(room, 1);
  chunks.push(word.slice(end));
  return word.slice(0, end);
}

/** Escape one character as Python's ascii() does. */
export function escaped(char) {
  const short = { "\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\" }[char];
  if (short) return short;
  const code = char.codePointAt(0);
  if (code < 256) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 65536 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
}

/** Keep what is printable ASCII, and escape the rest; `strange` finds the rest. */
export function plain(text, strange = /[^ -~]/gu) {
  return text.replace(strange, escaped);
}
