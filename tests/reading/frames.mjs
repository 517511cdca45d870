// Turns the answers of data sources into Grafana's frames, as Grafana's data sources do. `data` is @grafana/data.

/** The frames of one panel: answers are what tests/answers.py makes of the panel's targets. */
export function framesOf(data, answers) {
  return answers.flatMap((answer) => (answer.from === 'prometheus' ? metrics(data, answer, answers.length) : [rows(data, answer)]));
}

/** SQL: rows as they are, or, as a time series, one field per combination of the columns of text. */
function rows(data, { ref, shape, columns, rows }) {
  if (rows.length === 0) {
    return data.toDataFrame({ refId: ref, fields: [] });
  }
  const fields = shape === 'time_series' ? series(columns, rows) : columns.map((column, place) => ({
    name: column.name,
    type: column.type,
    values: rows.map((row) => row[place]),
  }));
  return data.toDataFrame({ refId: ref, fields });
}

function series(columns, rows) {
  const at = columns.findIndex((column) => column.name === 'time' && column.type === 'time');
  if (at < 0) {
    throw new Error('a time series without the column time');
  }
  const texts = places(columns, (type) => type === 'string' || type === 'boolean');
  const numbers = places(columns, (type) => type === 'number');
  if (texts.length === 0) {
    return [
      { name: 'Time', type: 'time', values: rows.map((row) => row[at]) },
      ...numbers.map((place) => ({ name: columns[place].name, type: 'number', values: rows.map((row) => row[place]) })),
    ];
  }
  const times = [];
  const lines = new Map();
  for (const row of rows) {
    if (times.length && row[at] < times[times.length - 1]) {
      throw new Error('a time series has to be sorted by time');
    }
    if (row[at] !== times[times.length - 1]) {
      times.push(row[at]);
    }
    const values = texts.map((place) => String(row[place] ?? ''));
    for (const place of numbers) {
      const key = JSON.stringify([place, ...values]);
      if (!lines.has(key)) {
        const labels = Object.fromEntries(texts.map((text, k) => [columns[text].name, values[k]]));
        lines.set(key, { name: columns[place].name, type: 'number', labels, order: values, found: new Map() });
      }
      lines.get(key).found.set(times.length - 1, row[place]);
    }
  }
  const made = [...lines.values()].sort((a, b) => compared(a.order, b.order)).map(({ name, type, labels, found }) => {
    const values = times.map((_, k) => found.get(k) ?? null);
    // the one exception, from before there were labels: three columns, of which one is called metric
    return columns.length === 3 && 'metric' in labels
      ? { name: labels.metric, type, values }
      : { name, type, labels, values };
  });
  return [{ name: 'Time', type: 'time', values: times }, ...made];
}

function places(columns, wanted) {
  return columns.flatMap((column, place) => (wanted(column.type) ? [place] : []));
}

function compared(a, b) {
  const place = a.findIndex((text, k) => text !== b[k]);
  return place < 0 ? 0 : a[place] < b[place] ? -1 : 1;
}

/** Prometheus: one frame per line, or one table of what is now. */
function metrics(data, { ref, shape, legend, result }, several) {
  if (shape === 'heatmap') {
    return [buckets(data, ref, result)];
  }
  if (shape === 'table') {
    const labels = [...new Set(result.flatMap((each) => Object.keys(each.metric)))].sort();
    const values = result.map((each) => each.value ?? each.values.at(-1));
    const fields = [
      { name: 'Time', type: 'time', values: values.map(([at]) => at * 1000) },
      ...labels.map((label) => ({ name: label, type: 'string', values: result.map((each) => each.metric[label] ?? '') })),
      { name: several > 1 ? `Value #${ref}` : 'Value', type: 'number', values: values.map(([, value]) => Number(value)) },
    ];
    return [data.toDataFrame({ refId: ref, fields: result.length ? fields : [] })];
  }
  return result.map((each) => {
    const values = each.values ?? [each.value];
    const { __name__: own = '', ...labels } = each.metric;
    return data.toDataFrame({
      refId: ref,
      fields: [
        { name: 'Time', type: 'time', values: values.map(([at]) => at * 1000) },
        {
          name: 'Value',
          type: 'number',
          labels: each.metric,
          config: { displayNameFromDS: named(legend, each.metric, own, labels) },
          values: values.map(([, value]) => numbered(value)),
        },
      ],
    });
  });
}

/** The buckets of a histogram: how many in each, no longer how many up to each, from the lowest on. */
function buckets(data, ref, result) {
  const sorted = result.map(({ metric, values }) => ({ le: metric.le, at: new Map(values) }))
    .sort((a, b) => Number(a.le.replace('+Inf', 'Infinity')) - Number(b.le.replace('+Inf', 'Infinity')));
  const times = [...new Set(result.flatMap(({ values }) => values.map(([at]) => at)))].sort((a, b) => a - b);
  const fields = sorted.map(({ le, at }, place) => ({
    name: le,
    type: 'number',
    values: times.map((time) => (at.has(time) ? Number(at.get(time)) - Number(sorted[place - 1]?.at.get(time) ?? 0) : null)),
  }));
  const time = { name: 'Time', type: 'time', values: times.map((at) => at * 1000) };
  return data.toDataFrame({ refId: ref, fields: result.length ? [time, ...fields] : [] });
}

/** A value of Prometheus, which calls what it cannot reckon NaN. */
function numbered(text) {
  return text === 'NaN' ? null : Number(text);
}

function named(legend, metric, own, labels) {
  if (legend && legend !== '__auto') {
    return legend.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, label) => metric[label] ?? '');
  }
  const said = Object.entries(labels).map(([name, value]) => `${name}="${value}"`).join(', ');
  return said ? `${own}{${said}}` : own;
}
