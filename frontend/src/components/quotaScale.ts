interface Scale {
  /** All in percent of the bar's length. */
  fill: number;
  soft: number | null;
  hard: number | null;
}

/** Where used, soft and hard stand on a bar; with no limit there is no bar (null). All in one unit, 0 is unlimited. */
export function quotaScale(used: number, soft: number, hard: number): Scale | null {
  const length = Math.max(hard, soft, soft > 0 || hard > 0 ? used : 0);
  if (length === 0) return null;
  const at = (value: number) => (value > 0 ? (value / length) * 100 : null);
  return { fill: Math.min(100, (used / length) * 100), soft: at(soft), hard: at(hard) };
}

/** Of the hard limit, else of the soft one, else null: what the master calls percent. */
export function percentOf(used: number, soft: number, hard: number): number | null {
  const limit = hard > 0 ? hard : soft;
  return limit > 0 ? (used / limit) * 100 : null;
}
