/** A metric in an expression, and the labels that it is selected by. */
export interface UsedMetric {
  readonly name: string;
  readonly labels: readonly string[];
}

/** What a PromQL expression names. */
export interface ExpressionNames {
  readonly metrics: readonly UsedMetric[];
  /** Labels that it groups or joins by. */
  readonly grouping: readonly string[];
}

const words = new Set('sum max min avg count and or unless by on without ignoring group_left group_right offset bool'.split(' '));
const selected = /([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?\s*(\(?)/g;
const groupings = /\b(?:by|on|without|ignoring)\s*\(([^)]*)\)/g;

/** The metrics and labels in an expression as tools/slo writes them: selectors in braces directly behind the name, durations in brackets. */
export function expressionNames(expression: string): ExpressionNames {
  const grouping = [...expression.matchAll(groupings)].flatMap(([, list = '']) => list.split(',').map((one) => one.trim())).filter(Boolean);
  // Durations and the words of groupings look like names.
  const bare = expression.replaceAll(groupings, ' by ').replaceAll(/\[[^\]]*\]/g, ' ').replaceAll(/\boffset \w+/g, ' ').replaceAll(/\b\d[\w.]*/g, ' ');
  const metrics = [...bare.matchAll(selected)].flatMap(([, name = '', selector = '', call]): UsedMetric[] => {
    if (words.has(name) || call === '(') return [];
    return [{ name, labels: [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label = '']) => label) }];
  });
  return { metrics, grouping };
}
