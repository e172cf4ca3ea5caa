// The values of the op table's rows, one function a row and of the row's name: x and y are its operands, xs
// and ys lists. What a row needs beside it has a name in camelCase. The partials are not here: they are made
// of these functions by the table itself. A page holds only those that it calls, cut out by their names.
// 1/0, log(0) and their like need no care: JavaScript follows IEEE 754.

// arithmetic
function add(x, y) { return x + y; }
function sub(x, y) { return x - y; }
function mul(x, y) { return x * y; }
function div(x, y) { return x / y; }
function neg(x) { return -x; }
function abs(x) { return Math.abs(x); }

// x / y, but 0 where both are 0
function ratio(x, y) { return x === 0 && y === 0 ? 0 : x / y; }

// powers; in C, unlike in JavaScript, 1 to any power is 1, and so is -1 to an infinite one
function power(x, y) {
  if (x === 1 || (x === -1 && Math.abs(y) === Infinity)) return 1;
  return Math.pow(x, y);
}

// The n-th derivative in x of the m-th derivative in y of x ** y: x ** (y - n) times a factor. What rounding
// takes from y - n comes back in the correction.
function power_derivative(n, m, x, y) {
  const ordinary = 0 < x && x < Infinity && Math.abs(y) < Infinity;
  if (!ordinary) return powerDerivativeAtEdge(n, m, x, y);
  const ln = Math.log(x);
  const [exponent, rest] = twoSum(y, -n);
  const [factor, correction] = powerFactor(n, m, y, ln);
  if (factor === 0) return 0;
  let result = power(x, exponent) * factor;
  const normal = power(x, exponent) >= 2.2250738585072014e-308 && power(x, exponent) < Infinity;
  if (!normal) {
    // the power alone leaves the range: multiply by its roots, one by one
    const parts = power(x, 0.5 * exponent) < Infinity ? 2 : 4;
    const root = power(x, exponent / parts);
    result = root > 0 ? factor : 0 * Math.sign(factor);
    for (let i = 0; i < parts; i++) result *= root;
  }
  const total = correction + (rest === 0 ? 0 : rest * ln);
  return total !== 0 && Math.abs(result) < Infinity ? result + result * total : result;
}

// For a base that is negative, 0 or infinite, or an infinite exponent.
function powerDerivativeAtEdge(n, m, x, y) {
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  const whole = Math.abs(y) === Infinity || y % 1 === 0;
  if (x < 0 && (m > 0 || !whole)) return NaN;
  if (x < 0 || Object.is(x, -0)) {
    const value = power_derivative(n, m, -x, y);
    return whole && Math.abs(y % 2 + n) % 2 === 1 ? 0 - value : value;
  }
  const [factor] = powerFactor(n, m, y, Math.log(x));
  const raised = power(x, y - n);
  if (factor === 0 || raised === 0 || (x === 0 && y === 0 && n === 0 && m > 0)) return 0;
  return raised * factor;
}

// The sum over i of C(m, i) f_i ln ** (m - i), where f_i is the i-th derivative of y (y-1) ... (y-n+1), and
// a correction relative to it.
function powerFactor(n, m, y, ln) {
  const slopes = [1, ...new Array(m).fill(0)];
  let correction = 0;
  for (let k = 0; k < n; k++) {
    const [gap, rest] = twoSum(y, -k);
    if (rest !== 0 && m === 0) correction += rest / gap;
    for (let i = m; i > 0; i--) slopes[i] = (slopes[i] ? gap * slopes[i] : 0) + i * slopes[i - 1];
    slopes[0] = slopes[0] ? gap * slopes[0] : 0;
  }
  let total = 0;
  let choices = 1;
  for (let i = 0; i <= m; i++) {
    const term = choices * slopes[i] * Math.pow(ln, m - i);
    if (slopes[i] !== 0 && Math.abs(term) === Infinity) return [term, 0];
    if (slopes[i] !== 0 && (ln !== 0 || i === m)) total += term;
    choices = choices * (m - i) / (i + 1);
  }
  return [total, correction];
}

// x + y, and exactly what rounding took from it (Knuth)
function twoSum(x, y) {
  const total = x + y;
  const part = total - x;
  return [total, (x - (total - part)) + (y - part)];
}

// exponentials, logarithms and roots
function exp(x) { return Math.exp(x); }
function expm1(x) { return Math.expm1(x); }
function log(x) { return Math.log(x); }
function log1p(x) { return Math.log1p(x); }
function log2(x) { return Math.log2(x); }
function log10(x) { return Math.log10(x); }
function sqrt(x) { return Math.sqrt(x); }
function cbrt(x) { return Math.cbrt(x); }

// e ** (x - y), with what rounding took from the difference put back
function exp_sub(x, y) {
  const [difference, rest] = twoSum(x, -y);
  if (!(Math.abs(difference) < 800)) return Math.exp(difference);
  const half = Math.exp(0.5 * difference);
  return half * (half + half * rest);
}

function logaddexp(x, y) {
  const high = x > y ? x : y;
  const low = x > y ? y : x;
  if (!(low - high > -746)) return x === y || low < high ? high : NaN;
  return high + Math.log1p(exp_sub(low, high));
}

function logsumexp(xs) {
  const largest = max(xs);
  if (!(Math.abs(largest) < Infinity)) return largest;
  return largest + Math.log1p(sum([-1, ...xs.map((x) => exp_sub(x, largest))]));
}

// trigonometry
function sin(x) { return Math.sin(x); }
function cos(x) { return Math.cos(x); }
function tan(x) { return Math.tan(x); }
function asin(x) { return Math.asin(x); }
function acos(x) { return Math.acos(x); }
function atan(x) { return Math.atan(x); }
function atan2(x, y) { return Math.atan2(x, y); }
function hypot(x, y) { return Math.hypot(x, y); }

// x / hypot(x, y), 0 at the origin
function cosine(x, y) {
  if (Math.abs(x) <= 1e-20 * Math.abs(y)) return ratio(x, Math.abs(y));
  if (Math.abs(x) === Infinity && Math.abs(y) < Infinity) return Math.sign(x);
  if (Math.abs(x) === Infinity) return NaN;
  const distance = Math.hypot(x, y);
  if (distance > 1e-140 && distance < 1e140) return x / distance;
  const scale = distance < 1 ? 2 ** 700 : 2 ** -600;
  return x * scale / Math.hypot(x * scale, y * scale);
}

// hyperbolic functions
function sinh(x) { return Math.sinh(x); }
function cosh(x) { return Math.cosh(x); }
function tanh(x) { return Math.tanh(x); }
function asinh(x) { return Math.asinh(x); }
function acosh(x) { return Math.acosh(x); }
function atanh(x) { return Math.atanh(x); }

// 1 / cosh(x) ** 2, as 4t / (1 + t) ** 2 with t = e ** (-2|x|)
function sech2(x) {
  const root = Math.exp(-Math.abs(x));
  const total = 1 + root * root;
  return 2 * root / total * (2 * root / total);
}

// the normal distribution and the error function
function gaussian(x) { return bell(x, 1); }
function normal_density(x) { return ONE_OVER_ROOT_TWO_PI * bell(x, 0.5); }

function normal_cdf(x) {
  if (Number.isNaN(x)) return x;
  const tail = normal_density(x) * mills(Math.abs(x));
  return x < 0 ? tail : 1 - tail;
}

function gelu(x) {
  if (x === -Infinity) return -0;
  return x * normal_cdf(x);
}

function gelu_slope(x) {
  if (x > 0) return 1 - gelu_slope(-x);
  if (x < -40) return -0;
  const d = x + 0.7517915246935645 - 1.4956759177009883e-17; // from its zero, Taylor's series next to it
  const curve = -0.018199676398671087 + d * (-0.1140082332972217 - d * 0.014771522148244337);
  if (Math.abs(d) < 1 / 1024) return d * (0.4314939923140469 + d * (0.388284982990552 + d * curve));
  return normal_density(x) * (mills(-x) + x);
}

// its Taylor series near 0
function erf(x) {
  if (x === 0) return x;
  if (!(Math.abs(x) < 0.5)) return 1 - erfc(x);
  let total = 0;
  let term = x;
  for (let n = 0; n < 16; n++) {
    total += term / (2 * n + 1);
    term *= -x * x / (n + 1);
  }
  return total * 1.1283791670955126;
}

// twice the tail of the normal distribution beyond the root of 2 times x
function erfc(x) {
  if (Number.isNaN(x)) return x;
  const tail = 2 * ONE_OVER_ROOT_TWO_PI * bell(x, 1) * mills(Math.SQRT2 * Math.abs(x));
  return x > 0 ? tail : 2 - tail;
}

// e ** (-factor * x ** 2), as a product: the square of the leading 26 bits of x is exact
function bell(x, factor) {
  if (!(Math.abs(x) < 40)) return Number.isNaN(x) ? x : 0;
  const scaled = 134217729 * x;
  const leading = scaled - (scaled - x);
  return Math.exp(-factor * leading * leading) * Math.exp(factor * (leading - x) * (leading + x));
}

const ONE_OVER_ROOT_TWO_PI = 0.3989422804014327;

// Mills' ratio of x >= 0, the tail of the normal distribution over its density: Taylor's series at the
// nearest eighth, as far as any tail is above 0.
function mills(x) {
  if (!(x < 40)) return 1 / x;
  const nearest = Math.round(8 * x);
  return millsTable()[nearest].reduceRight((total, c) => c + (x - 0.125 * nearest) * total, 0);
}

// The coefficients at 0, 1/8, ..., 40, in whole numbers scaled by 2 ** 160: m' = x m - 1 gives all of them
// from m(c), and they give m(c - 1/8). From right to left errors shrink, so the start m(40) = 1/40 will do.
function millsTable() {
  if (millsRows.length) return millsRows;
  const one = 1n << 160n;
  let value = one / 40n;
  for (let j = 320n; j >= 0n; j--) {
    const terms = [value, (j * value >> 3n) - one];
    for (let i = 2n; i < 25n; i++) terms.push(((j * terms[i - 1n] >> 3n) + terms[i - 2n]) / i);
    millsRows.unshift(terms.slice(0, 12).map((term) => Number(term) / 2 ** 160));
    value = terms.reduce((total, term, i) => total + ((i % 2 ? -term : term) >> BigInt(3 * i)), 0n);
  }
  return millsRows;
}

const millsRows = [];

// activations; at a kink and for nan as the engine has it
function step(x) { return x > 0 ? 1 : x <= 0 ? 0 : x; }
function sign(x) { return x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : x; }
function relu(x) { return x < 0 ? 0 : x; }
function leaky_relu(x, y) { return x < 0 ? y * x : x; }
function elu(x, y) { return x > 0 ? x : y * Math.expm1(x); }

function sigmoid(x) {
  const t = Math.exp(-Math.abs(x));
  return x < 0 ? t / (1 + t) : 1 / (1 + t);
}

function softplus(x) { return relu(x) + Math.log1p(Math.exp(-Math.abs(x))); }

function silu(x) {
  if (x >= -700) return x / (1 + Math.exp(-x));
  const half = Math.exp(0.5 * x);
  return half === 0 ? -0 : x * half * half;
}

// t (1 + x + t) / (1 + t) ** 2 with t = e ** x; the sum by way of its zero, where that is near
function silu_slope(x) {
  if (x > 0) return 1 - silu_slope(-x);
  const half = Math.exp(0.5 * x);
  if (half === 0) return -0;
  const t = half * half;
  const offset = x + 1.2784645427610737;
  const near = offset + (0.27846454276107385 * Math.expm1(offset) + 1.3995343912896686e-16);
  const numerator = Math.abs(offset) < 0.25 ? near : 1 + x + t;
  return half * numerator * half / ((1 + t) * (1 + t));
}

// two numbers, or a list of them; nan where one is nan
function maximum(x, y) { return x > y || Number.isNaN(x) ? x : y; }
function minimum(x, y) { return x < y || Number.isNaN(x) ? x : y; }

// the slope of the larger of x and y in x
function ahead(x, y) { return x > y ? 1 : x < y ? 0 : x === y ? 0.5 : NaN; }
function max(xs) { return xs.reduce((largest, x) => (x > largest || Number.isNaN(x) ? x : largest)); }
function min(xs) { return xs.reduce((smallest, x) => (x < smallest || Number.isNaN(x) ? x : smallest)); }

// rounded once
function sum(xs) {
  const special = xs.filter((x) => !Number.isFinite(x));
  if (special.length) return special.reduce((total, x) => total + x);
  const total = exactSum(xs);
  return Number.isFinite(total) ? total : exactSum(xs.map((x) => x * 2 ** -200)) * 2 ** 200;
}

// The products are rounded, their sum once.
function dot(xs, ys) { return sum(xs.map((x, i) => x * ys[i])); }

// Shewchuk's sum: parts that do not overlap, smallest first, hold what was added exactly.
function exactSum(xs) {
  const parts = [];
  for (let x of xs) {
    let used = 0;
    for (let y of parts) {
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low !== 0) parts[used++] = low;
      x = high;
    }
    parts.length = used;
    if (x !== 0) parts.push(x);
  }
  let total = parts.pop() ?? 0;
  let rest = 0;
  while (parts.length && rest === 0) {
    const part = parts.pop();
    const high = total + part;
    rest = part - (high - total);
    total = high;
  }
  // half an ulp and a little more is rounded up, half an ulp alone to even
  const more = parts.length && Math.sign(rest) === Math.sign(parts[parts.length - 1]);
  return more && total + 2 * rest - total === 2 * rest ? total + 2 * rest : total;
}

// structure
function where(x, pair) { return x > 0 ? pair[0] : Number.isNaN(x) ? NaN : pair[1]; }
function detach(x) { return x; }
function identity(x) { return x; }
