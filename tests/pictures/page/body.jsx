// What is inside a panel's frame, by kind of panel.
import * as data from '@grafana/data';
import { applied } from '../../reading/fields.mjs';
import { framesOf } from '../../reading/frames.mjs';
import { replacing } from '../../reading/words.mjs';
import { Columns, Pie, Squares, States } from './own.jsx';
import { Grid } from './grid.jsx';
import { Lines } from './lines.jsx';
import { Levels, Tiles } from './values.jsx';

const KINDS = {
  timeseries: Lines,
  stat: Tiles,
  bargauge: Levels,
  table: Grid,
  heatmap: Squares,
  barchart: Columns,
  piechart: Pie,
  'state-timeline': States,
};

export function Body({ panel, answers, size, range, theme, chosen }) {
  if (panel.type === 'text') {
    return <Words panel={panel} theme={theme} />;
  }
  const replaceVariables = replacing(chosen);
  const frames = applied(data, panel, transformed(panel, framesOf(data, answers)), { theme, replaceVariables });
  const Kind = KINDS[panel.type];
  const nothing = frames.every((frame) => frame.fields.length === 0) && !['stat', 'gauge', 'bargauge'].includes(panel.type);
  if (nothing) {
    return <Nothing panel={panel} theme={theme} />;
  }
  return <Kind panel={panel} frames={frames} size={size} range={spanned(range)} theme={theme} replaceVariables={replaceVariables} />;
}

function spanned([from, to]) {
  const [since, until] = [data.dateTime(from), data.dateTime(to)];
  return { from: since, to: until, raw: { from: since, to: until } };
}

/** The frames after the panel's transformations, by Grafana's own. */
function transformed(panel, frames) {
  return (panel.transformations ?? []).reduce((made, { id, options }) => {
    const step = Object.values(data.standardTransformers).find((each) => each.id === id && each.transformer);
    if (!step) {
      throw new Error(`no way to transform by ${id} here`);
    }
    return step.transformer(options, { interpolate: (text) => text })(made);
  }, frames);
}

export function Nothing({ panel, theme }) {
  return (
    <div
      style={{
        height: '100%', display: 'flex', alignItems: 'center', justifyContent: 'center', textAlign: 'center', padding: 16,
        color: theme.colors.text.secondary,
      }}
    >
      {panel.fieldConfig?.defaults?.noValue ?? 'No data'}
    </div>
  );
}

function Words({ panel, theme }) {
  const html = data.renderTextPanelMarkdown(panel.options?.content ?? '');
  return <div className="markdown-html" style={{ color: theme.colors.text.primary }} dangerouslySetInnerHTML={{ __html: html }} />;
}
