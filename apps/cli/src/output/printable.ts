/** Control characters but newline and tab, and the marks that reorder text: what a stranger's text could steer a terminal with. */
const steering = /[^\P{Cc}\n\t]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text from anywhere, harmless to a terminal. */
export function printable(text: string): string {
  return text.replace(steering, '');
}

/** The same on one line: line breaks and runs of spaces become one space. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim();
}

/** The word for a number of things: `count(1, 'package')` is "1 package", `count(2, 'package')` "2 packages". */
export function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** Bytes for people, in units of 1000: "980 B", "34.1 kB", "2.0 MB". */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
