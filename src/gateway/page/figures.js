const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** 12,345 */
export function wholeNumber(value) {
  return whole.format(value);
}

/** 12.3K */
export function shortNumber(value) {
  return short.format(value);
}
