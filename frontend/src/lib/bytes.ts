export const BYTES_PER_KIB = 1024;
export const BYTES_PER_GIB = 1024 ** 3;

/** Below this a figure in GiB would be nothing but zeros. */
const SMALLEST_SHOWN = BYTES_PER_GIB / 1000;

/** `460800000` -> `0.429 GiB`; three digits, none of them after the point from 1,000 GiB on. */
export function formatBytes(bytes: number, locale: string): string {
  const gib = bytes / BYTES_PER_GIB;
  if (bytes > 0 && bytes < SMALLEST_SHOWN) return `< ${formatGib(0.001, locale)} GiB`;
  return `${formatGib(gib, locale)} GiB`;
}

function formatGib(gib: number, locale: string): string {
  const digits: Intl.NumberFormatOptions =
    gib >= 1000
      ? { maximumFractionDigits: 0 }
      : gib >= 1
        ? { maximumSignificantDigits: 3 }
        : { maximumFractionDigits: 3 };
  return new Intl.NumberFormat(locale, digits).format(gib);
}

export function formatCount(count: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(count);
}
