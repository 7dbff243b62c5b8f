// Money as the tables hold it, in minor units (a bigint, so a string), and as the API shows it, with the currency's decimals.

const decimals = new Map();

function decimalsOf(currency) {
  let digits = decimals.get(currency);
  if (digits === undefined) {
    digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
    decimals.set(currency, digits);
  }
  return digits;
}

export function money(minorUnits, currencyCode) {
  const digits = decimalsOf(currencyCode);
  if (digits === 0) return { amount: minorUnits, currencyCode };
  const padded = minorUnits.padStart(digits + 1, '0');
  return { amount: `${padded.slice(0, -digits)}.${padded.slice(-digits)}`, currencyCode };
}
