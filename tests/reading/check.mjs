// Reads dashboards with Grafana's own code, old and new, and tells what it makes of them.
// In: the name of a file with a list of what tests/answers.py gives. Out: JSON, by version.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { applied, CUSTOM, STANDARD } from './fields.mjs';
import { framesOf } from './frames.mjs';
import { replacing } from './words.mjs';

globalThis.navigator = { language: 'en-GB', languages: ['en-GB'] };
const require = createRequire(`${process.cwd()}/`);
const given = JSON.parse(readFileSync(process.argv[2], 'utf8'));

function told(data) {
  const theme = data.createTheme({ colors: { mode: 'dark' } });
  const units = new Set(data.getValueFormats().flatMap(({ submenu }) => submenu.map(({ value }) => value)));
  return given.flatMap(({ document, answers, values }) =>
    panelsOf(document.panels).map((panel) => {
      const frames = framesOf(data, answers[panel.id] ?? []);
      const replaceVariables = replacing(values);
      const made = applied(data, panel, frames, { theme, replaceVariables });
      return {
        dashboard: document.title,
        panel: panel.title,
        kind: panel.type,
        nothing: panel.fieldConfig?.defaults?.noValue ?? null,
        refused: refused(panel, units),
        dead: dead(data, panel, frames),
        fields: made.flatMap((frame) => frame.fields.map((field) => fieldTold(data, field, frame, made, theme))),
        shown: ['stat', 'bargauge', 'gauge'].includes(panel.type) ? shown(data, panel, made, theme, replaceVariables) : null,
      };
    }),
  );
}

function panelsOf(panels) {
  return panels.flatMap((panel) => [panel, ...panelsOf(panel.panels ?? [])]).filter(({ type }) => type !== 'row' && type !== 'text');
}

/** Properties and units that Grafana does not know. */
function refused(panel, units) {
  const { defaults = {}, overrides = [] } = panel.fieldConfig ?? {};
  const set = [
    ...Object.entries(defaults).filter(([id]) => id !== 'custom'),
    ...Object.entries(defaults.custom ?? {}).map(([name, value]) => [`custom.${name}`, value]),
    ...overrides.flatMap(({ properties }) => properties.map(({ id, value }) => [id, value])),
  ];
  return set.flatMap(([id, value]) => {
    if (id === 'unit') {
      return units.has(value) || /^(prefix|suffix|time|si|count|currency|bool):/.test(value) ? [] : [`unit ${value}`];
    }
    return id in STANDARD || (id.startsWith('custom.') && (CUSTOM[panel.type] ?? []).includes(id.slice(7))) ? [] : [id];
  });
}

/** Overrides that fit no field of what the queries gave. */
function dead(data, panel, frames) {
  return (panel.fieldConfig?.overrides ?? []).flatMap(({ matcher: { id, options } }) => {
    const match = data.fieldMatchers.get(id).get(options);
    const found = frames.some((frame) => frame.fields.some((field) => match(field, frame, frames)));
    return found ? [] : [`${id} ${JSON.stringify(options)}`];
  });
}

function fieldTold(data, field, frame, frames, theme) {
  const values = [...(field.values.toArray?.() ?? field.values)];
  const display = field.display ?? data.getDisplayProcessor({ field, theme });
  const shown = [...new Set(values)].slice(0, 200).map((value) => {
    const { color } = display(value);
    return { value, text: data.formattedValueToString(display(value)), color };
  });
  const custom = field.config.custom ?? {};
  return {
    name: field.name,
    type: field.type,
    labels: field.labels ?? {},
    title: data.getFieldDisplayName(field, frame, frames),
    colour: field.type === 'number' ? data.getFieldSeriesColor(field, theme).color : null,
    mapped: (field.config.mappings ?? []).flatMap(({ type, options }) => (type === 'value' ? Object.keys(options) : [])),
    ends: custom.cellOptions?.type === 'gauge' ? [field.config.min ?? null, field.config.max ?? null] : null,
    unknown: theme.visualization.getColorByName('red') === display(null).color ? 'red' : 'other',
    links: (field.config.links ?? []).map(({ url }) => url),
    hidden: Boolean(custom.hidden || custom.hideFrom?.viz || custom['hideFrom.viz']),
    shown,
  };
}

function shown(data, panel, frames, theme, replaceVariables) {
  return data
    .getFieldDisplayValues({
      data: frames,
      fieldConfig: panel.fieldConfig,
      reduceOptions: panel.options.reduceOptions,
      replaceVariables,
      theme,
      timeZone: 'utc',
    })
    .map(({ display }) => ({ title: display.title ?? '', text: data.formattedValueToString(display), colour: display.color }));
}

process.stdout.write(JSON.stringify({ old: told(require('grafana-data-old')), new: told(require('grafana-data-new')) }));
