// Panels of lines, areas and bars over time: Grafana's own TimeSeries.
import { TimeSeries } from '@grafana/ui';
import { Nothing } from './body.jsx';

const DEFAULTS = {
  drawStyle: 'line', lineInterpolation: 'linear', lineWidth: 1, fillOpacity: 0, gradientMode: 'none', barAlignment: 0,
  barWidthFactor: 0.6, lineStyle: { fill: 'solid' }, showPoints: 'auto', pointSize: 5, spanNulls: false,
  axisPlacement: 'auto', stacking: { mode: 'none', group: 'A' }, thresholdsStyle: { mode: 'off' },
  hideFrom: { legend: false, tooltip: false, viz: false }, scaleDistribution: { type: 'linear' },
};

export function Lines({ panel, frames, size, range, theme }) {
  const drawn = frames
    .filter((frame) => frame.fields.some(({ type }) => type === 'time'))
    .map((frame) => ({
      ...frame,
      fields: frame.fields
        .filter(({ type }) => type === 'time' || type === 'number')
        .map((field) => ({ ...field, config: { ...field.config, custom: { ...DEFAULTS, ...field.config.custom } } })),
    }))
    .filter((frame) => frame.fields.length > 1);
  if (!drawn.length) {
    return <Nothing panel={panel} theme={theme} />;
  }
  const legend = { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [], ...panel.options?.legend };
  return (
    <TimeSeries frames={drawn} structureRev={1} timeRange={range} timeZone="utc" legend={legend} options={panel.options ?? {}} {...size} />
  );
}
