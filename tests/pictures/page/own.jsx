// What Grafana does not publish as a library, drawn here: squares, bars by name, pies, states.
import * as data from '@grafana/data';
import { interpolateRgb } from 'd3-interpolate';
import { interpolateGreens } from 'd3-scale-chromatic';
import { Nothing } from './body.jsx';

const text = (theme, more = {}) => ({ fill: theme.colors.text.primary, fontSize: 12, fontFamily: theme.typography.fontFamily, ...more });

export function Squares({ panel, frames, size, range, theme }) {
  const frame = frames[0];
  const times = frame.fields.find(({ type }) => type === 'time').values;
  const rows = frame.fields.filter(({ type }) => type === 'number');
  const { color = {}, cellGap = 1, filterValues = {}, yAxis = {} } = panel.options;
  const kept = (value) => value !== null && value > (filterValues.le ?? 1e-9) && value < (filterValues.ge ?? Infinity);
  const all = rows.flatMap(({ values }) => [...values].filter(kept));
  const [low, high] = [color.min ?? Math.min(...all), color.max ?? Math.max(...all)];
  const part = (value) => (high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 1);
  const [fill, back] = [theme.visualization.getColorByName(color.fill ?? 'dark-orange'), theme.colors.background.primary];
  // by strength the colour fades into the page; a scheme is turned round on a dark page, so that more is brighter
  const paint = (value) =>
    color.mode === 'opacity'
      ? interpolateRgb(back, fill)(part(value) ** (color.scale === 'exponential' ? color.exponent ?? 0.5 : 1))
      : interpolateGreens(1 - part(value));
  const names = rows.map((field) => data.getFieldDisplayName(field, frame, frames));
  const left = 16 + 7 * Math.max(...names.map((name) => name.length));
  const high_ = (size.height - 24) / rows.length;
  const [begin, end] = [range.from.valueOf(), range.to.valueOf()];
  const at = (time) => left + ((Math.min(end, Math.max(begin, time)) - begin) / (end - begin)) * (size.width - left);
  // a square ends at its time, as it does in Grafana
  const long = Math.min(...[...times].slice(1).map((time, k) => time - times[k]), end - begin);
  return (
    <svg width={size.width} height={size.height}>
      {rows.map((field, place) => {
        const y = (yAxis.reverse ? place : rows.length - 1 - place) * high_;
        return (
          <g key={place}>
            <text x={left - 8} y={y + high_ / 2 + 4} textAnchor="end" {...text(theme)}>{names[place]}</text>
            {[...field.values].map((value, k) => {
              const [from, to] = [at(times[k] - long), at(times[k])];
              const wide = to - from - cellGap;
              return kept(value) && wide > 0 && <rect key={k} x={from} y={y} width={wide} height={high_ - cellGap} fill={paint(value)} />;
            })}
          </g>
        );
      })}
      {[...Array(9).keys()].map((k) => begin + ((k + 0.5) / 9) * (end - begin)).map((time) => (
        <text key={time} x={at(time)} y={size.height - 6} textAnchor="middle" {...text(theme)}>
          {data.dateTimeFormat(time, { format: end - begin < 600000 ? 'HH:mm:ss' : end - begin < 2 * 86400000 ? 'HH:mm' : end - begin > 200 * 86400000 ? 'YYYY-MM' : 'MM/DD', timeZone: 'utc' })}
        </text>
      ))}
    </svg>
  );
}

export function Columns({ panel, frames, size, theme }) {
  const frame = frames.find(({ fields }) => fields.length);
  const names = frame?.fields.find(({ type }) => type === 'string');
  const bars = frame?.fields.filter(({ type, config }) => type === 'number' && !config.custom?.hideFrom?.viz) ?? [];
  if (!names || !bars.length) {
    return <Nothing panel={panel} theme={theme} />;
  }
  const options = panel.options ?? {};
  const stacked = options.stacking === 'normal' || options.stacking === 'percent';
  const flat = options.orientation === 'horizontal';
  const count = frame.length ?? names.values.length;
  const sums = (k, sign) => bars.reduce((sum, { values }) => sum + Math.max(0, sign * (values[k] ?? 0)), 0);
  const tops = [...Array(count).keys()].flatMap((k) => (stacked ? [sums(k, 1), -sums(k, -1)] : bars.map(({ values }) => values[k] ?? 0)));
  const fixed = bars[0].config;
  const [low, high] = [fixed.min ?? Math.min(0, ...tops), fixed.max ?? (Math.max(0, ...tops) * 1.05 || 1)];
  const legend = options.legend?.showLegend !== false && bars.length > 1;
  const [left, bottom, top] = [flat ? 16 + 7 * Math.max(...[...names.values].map((name) => String(name).length)) : 70, legend ? 48 : 24, 16];
  const [along, across] = flat ? [size.width - left - 60, size.height - bottom] : [size.height - bottom - top, size.width - left];
  const at = (value) => ((value - low) / (high - low)) * along;
  const band = across / count;
  const thick = (band * (options.groupWidth ?? 0.7)) / (stacked ? 1 : bars.length);
  const said = (field, value) => data.formattedValueToString(field.display(value));
  const ticks = nice(low, high);
  const rect = (from, to, offset) => {
    const [a, b] = [Math.min(at(from), at(to)), Math.max(at(from), at(to))];
    return flat
      ? { x: left + a, y: offset, width: b - a, height: thick }
      : { x: left + offset, y: top + along - b, width: thick, height: b - a };
  };
  return (
    <svg width={size.width} height={size.height}>
      {ticks.map((value) => (
        <g key={value}>
          {flat ? (
            <line x1={left + at(value)} x2={left + at(value)} y1={0} y2={across} stroke={theme.colors.border.weak} />
          ) : (
            <line x1={left} x2={size.width} y1={top + along - at(value)} y2={top + along - at(value)} stroke={theme.colors.border.weak} />
          )}
          {flat ? (
            <text x={left + at(value)} y={across + 16} textAnchor="middle" {...text(theme)}>{said(bars[0], value)}</text>
          ) : (
            <text x={left - 8} y={top + along - at(value) + 4} textAnchor="end" {...text(theme)}>{said(bars[0], value)}</text>
          )}
        </g>
      ))}
      {[...Array(count).keys()].map((k) => {
        let [up, down] = [0, 0];
        const start = k * band + (band - thick * (stacked ? 1 : bars.length)) / 2;
        return (
          <g key={k}>
            {flat ? (
              <text x={left - 8} y={k * band + band / 2 + 4} textAnchor="end" {...text(theme)}>{names.values[k]}</text>
            ) : (
              k % Math.ceil(70 / band) === 0 && (
                <text x={left + k * band + band / 2} y={top + along + 16} textAnchor="middle" {...text(theme)}>{names.values[k]}</text>
              )
            )}
            {bars.map((field, place) => {
              const value = field.values[k];
              if (value === null || value === undefined) {
                return null;
              }
              const from = stacked ? (value >= 0 ? up : down) : 0;
              if (value >= 0) up += value;
              else down += value;
              const offset = start + (stacked ? 0 : place * thick);
              return <rect key={place} {...rect(from, from + value, offset)} fill={colourOf(field, value, theme)} fillOpacity={(field.config.custom?.fillOpacity ?? 80) / 100} />;
            })}
            {!stacked && bars.length === 1 && options.showValue !== 'never' && bars[0].values[k] !== null && (
              flat ? (
                <text x={left + at(Math.max(0, bars[0].values[k])) + 6} y={k * band + band / 2 + 4} {...text(theme)}>{said(bars[0], bars[0].values[k])}</text>
              ) : (
                band > 50 && <text x={left + k * band + band / 2} y={top + along - at(Math.max(0, bars[0].values[k])) - 4} textAnchor="middle" {...text(theme)}>{said(bars[0], bars[0].values[k])}</text>
              )
            )}
          </g>
        );
      })}
      {legend && <Legend items={bars.map((field) => [data.getFieldDisplayName(field, frame, frames), colourOf(field, field.values[0], theme)])} y={size.height - 8} theme={theme} />}
    </svg>
  );
}

function colourOf(field, value, theme) {
  const mode = data.getFieldColorModeForField(field);
  return mode.isByValue ? field.display(value).color : data.getFieldSeriesColor(field, theme).color;
}

function Legend({ items, y, theme }) {
  let x = 8;
  return items.map(([name, colour]) => {
    const here = x;
    x += 34 + 6.6 * name.length;
    return (
      <g key={name}>
        <rect x={here} y={y - 7} width={14} height={4} rx={2} fill={colour} />
        <text x={here + 20} y={y} {...text(theme)}>{name}</text>
      </g>
    );
  });
}

export function Pie({ panel, frames, size, theme, replaceVariables }) {
  const slices = data
    .getFieldDisplayValues({ data: frames, fieldConfig: panel.fieldConfig, reduceOptions: { calcs: ['lastNotNull'], values: false, fields: '', ...panel.options?.reduceOptions }, replaceVariables, theme, timeZone: 'utc' })
    .filter(({ display }) => display.numeric > 0);
  const total = slices.reduce((sum, { display }) => sum + display.numeric, 0);
  const radius = Math.min(size.height, size.width / 2) / 2 - 6;
  let angle = -Math.PI / 2;
  const point = (a, r) => `${radius + 6 + r * Math.cos(a)},${size.height / 2 + r * Math.sin(a)}`;
  const inner = panel.options?.pieType === 'donut' ? radius * 0.55 : 0;
  return (
    <svg width={size.width} height={size.height}>
      {slices.map(({ display }, k) => {
        const turn = (display.numeric / total) * 2 * Math.PI * 0.99999;
        const [a, b] = [angle, angle + turn];
        angle = b;
        const big = turn > Math.PI ? 1 : 0;
        const path = `M${point(a, radius)} A${radius},${radius} 0 ${big} 1 ${point(b, radius)} L${point(b, inner)} A${inner},${inner} 0 ${big} 0 ${point(a, inner)} Z`;
        return <path key={k} d={path} fill={display.color} stroke={theme.colors.background.primary} />;
      })}
      {slices.map(({ display }, k) => (
        <g key={k}>
          <rect x={2 * radius + 30} y={20 + k * 20} width={14} height={4} rx={2} fill={display.color} />
          <text x={2 * radius + 50} y={27 + k * 20} {...text(theme)}>
            {display.title} · {data.formattedValueToString(display)} · {Math.round((display.numeric / total) * 100)} %
          </text>
        </g>
      ))}
    </svg>
  );
}

export function States({ panel, frames, size, range, theme }) {
  const rows = frames.flatMap((frame) => {
    const times = frame.fields.find(({ type }) => type === 'time')?.values;
    return times ? frame.fields.filter(({ type }) => type !== 'time').map((field) => ({ frame, field, times })) : [];
  });
  if (!rows.length) {
    return <Nothing panel={panel} theme={theme} />;
  }
  const names = rows.map(({ field, frame }) => data.getFieldDisplayName(field, frame, frames));
  const left = 16 + 7 * Math.max(...names.map((name) => name.length));
  const [begin, end] = [range.from.valueOf(), range.to.valueOf()];
  const at = (time) => left + ((Math.min(end, Math.max(begin, time)) - begin) / (end - begin)) * (size.width - left);
  const high = (size.height - 24) / rows.length;
  return (
    <svg width={size.width} height={size.height}>
      {rows.map(({ field, times }, place) => (
        <g key={place}>
          <text x={left - 8} y={place * high + high / 2 + 4} textAnchor="end" {...text(theme)}>{names[place]}</text>
          {[...times].map((time, k) => {
            const value = field.values[k];
            const display = value === null ? null : field.display(value);
            const until = times[k + 1] ?? end;
            return display && (
              <rect key={k} x={at(time)} y={place * high + 3} width={Math.max(0, at(until) - at(time))} height={high - 6} fill={display.color} fillOpacity={0.7} />
            );
          })}
        </g>
      ))}
    </svg>
  );
}

/** Round numbers between two ends, some five of them. */
function nice(low, high) {
  const rough = (high - low) / 5 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough);
  const first = Math.ceil(low / step - 1e-9);
  return [...Array(Math.floor(high / step + 1e-9) - first + 1).keys()].map((k) => (first + k) * step);
}
