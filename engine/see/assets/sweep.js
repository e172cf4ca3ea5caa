// The sweep, edge by edge: upstream * partial = contribution, which is added to the input's gradient.
// `edges` holds two places in `values` for each step, the node's and the input's; the first step is the
// seed, the gradient 1 of the output by itself. The results stand in the order of the steps.
function sweep(values, partials, edges) {
  const running = new Array(values.length).fill(0);
  const upstreams = [];
  const contributions = [];
  const gradients = [];
  partials.forEach((partial, step) => {
    const upstream = step ? running[edges[2 * step]] : 1;
    const contribution = upstream * partial;
    running[edges[2 * step + 1]] += contribution;
    upstreams.push(upstream);
    contributions.push(contribution);
    gradients.push(running[edges[2 * step + 1]]);
  });
  return { values, partials, upstreams, contributions, gradients };
}
