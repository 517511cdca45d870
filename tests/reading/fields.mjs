// Applies a panel's field options to frames with Grafana's own code. `data` is @grafana/data.

/** What a panel can be told about its fields besides what all panels know, by kind of panel. */
const AXES = [
  'axisPlacement', 'axisLabel', 'axisWidth', 'axisSoftMin', 'axisSoftMax', 'axisGridShow', 'axisCenteredZero',
  'axisColorMode', 'axisBorderShow', 'scaleDistribution',
];
export const CUSTOM = {
  timeseries: [
    ...AXES, 'drawStyle', 'lineWidth', 'lineInterpolation', 'lineStyle', 'lineColor', 'fillOpacity', 'fillColor',
    'fillBelowTo', 'gradientMode', 'barAlignment', 'showPoints', 'pointSize', 'pointSymbol', 'pointColor', 'spanNulls',
    'stacking', 'thresholdsStyle', 'hideFrom', 'transform',
  ],
  barchart: [...AXES, 'lineWidth', 'fillOpacity', 'gradientMode', 'hideFrom', 'thresholdsStyle'],
  table: ['width', 'minWidth', 'align', 'cellOptions', 'inspect', 'filterable', 'hidden', 'hideFrom', 'hideFrom.viz', 'wrapText', 'wrapHeaderText'],
  heatmap: ['scaleDistribution', 'hideFrom'],
  piechart: ['hideFrom'],
  'state-timeline': ['lineWidth', 'fillOpacity', 'hideFrom'],
  stat: [],
  gauge: [],
  bargauge: [],
  text: [],
};
export const STANDARD = {
  displayName: 'displayNameOverrideProcessor',
  unit: 'unitOverrideProcessor',
  min: 'numberOverrideProcessor',
  max: 'numberOverrideProcessor',
  decimals: 'numberOverrideProcessor',
  noValue: 'stringOverrideProcessor',
  color: 'identityOverrideProcessor',
  thresholds: 'thresholdsOverrideProcessor',
  mappings: 'valueMappingsOverrideProcessor',
  links: 'dataLinksOverrideProcessor',
  filterable: 'identityOverrideProcessor',
  description: 'stringOverrideProcessor',
  fieldMinMax: 'identityOverrideProcessor',
};

/** The registry a panel of this kind has in Grafana. */
export function registryOf(data, kind) {
  const standard = Object.entries(STANDARD).filter(([, process]) => data[process]).map(([id, process]) => ({
    id, path: id, name: id, process: data[process], shouldApply: () => true,
    settings: { expandTemplateVars: id === 'displayName' },
  }));
  const custom = (CUSTOM[kind] ?? []).map((name) => ({
    id: `custom.${name}`, path: name, name, isCustom: true, process: data.identityOverrideProcessor, shouldApply: () => true,
  }));
  return new data.Registry(() => [...standard, ...custom]);
}

/** What Grafana lays beneath the field options of a dashboard when it loads one. */
function beneath(kind, { defaults = {}, overrides = [] } = {}) {
  const mode = ['timeseries', 'barchart', 'piechart'].includes(kind) ? 'palette-classic' : 'thresholds';
  const steps = [{ value: null, color: 'green' }, { value: 80, color: 'red' }];
  const all = { color: { mode }, mappings: [], thresholds: { mode: 'absolute', steps }, ...defaults };
  const made = structuredClone({ defaults: all, overrides });
  const thresholds = made.overrides.flatMap(({ properties }) => properties.filter(({ id }) => id === 'thresholds'));
  for (const { steps } of [made.defaults.thresholds, ...thresholds.map(({ value }) => value)]) {
    // JSON knows no infinity
    steps[0].value = -Infinity;
  }
  return made;
}

/** The frames with every option and override applied. */
export function applied(data, panel, frames, { theme, replaceVariables = (text) => text, timeZone = 'utc' }) {
  const made = data.applyFieldOverrides({
    data: frames,
    fieldConfig: beneath(panel.type, panel.fieldConfig),
    fieldConfigRegistry: registryOf(data, panel.type),
    replaceVariables,
    theme,
    timeZone,
  });
  for (const frame of made) {
    for (const field of frame.fields) {
      field.state = { ...field.state, displayName: data.getFieldDisplayName(field, frame, made) };
    }
  }
  return made;
}
