export const minRate = 0.5;
export const maxRate = 2.5;
export const rates = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5] as const;

/** Numbers that were kept by an older version, or by hand, may be anything. */
export function clampStored(n: unknown, low: number, high: number, otherwise: number): number {
  return typeof n === 'number' && Number.isFinite(n) ? Math.min(high, Math.max(low, n)) : otherwise;
}
