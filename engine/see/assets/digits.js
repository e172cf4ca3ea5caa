// A number in at most four decimals and at least one, or in three digits and an exponent, as the library
// prints it: ties are rounded to even, and the minus is a true one.
function short(number) {
  const size = Math.abs(number);
  const sign = number < 0 || Object.is(number, -0) ? "\u2212" : "";
  const trimmed = (text) => text.replace(/(\.\d+?)0*$/, "$1");
  // JavaScript rounds a tie up: where the last digit kept is even, it is cut off instead
  const rounded = (exact, plain, tie) => (tie.test(exact) ? exact.replace(tie, "$1") : plain);
  if (Number.isNaN(number)) return "nan";
  if (size === Infinity) return `${sign}inf`;
  if (size === 0 || (size >= 5e-4 && size < 1e6)) {
    const fixed = rounded(size.toFixed(40), size.toFixed(4), /^(\d+\.\d{3}[02468])50*$/);
    if (Number(fixed) < 1e5) return sign + trimmed(fixed);
  }
  const exact = size.toExponential(40).split("e");
  const plain = size.toExponential(2).split("e");
  const digits = rounded(exact[0], plain[0], /^(\d\.\d[02468])50*$/);
  const exponent = digits === plain[0] ? plain[1] : exact[1];
  return `${sign}${trimmed(digits)}e${exponent.replace("+", "").replace("-", "\u2212")}`;
}
