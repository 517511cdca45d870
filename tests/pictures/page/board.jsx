// The page around the panels: where one is, what is chosen, the menu, and every panel at its place.
import { PanelChrome } from '@grafana/ui';
import { replacing } from '../../reading/words.mjs';
import { Body } from './body.jsx';

const CELL = 30;
const GAP = 8;
export const WIDTH = 1600;
const HEAD = 96;

export function Board({ given, theme }) {
  const { document, chosen, range, answers } = given;
  const column = (WIDTH - 2 * 16 + GAP) / 24;
  const { panels } = document;
  const bottom = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const height = HEAD + bottom * (CELL + GAP) + 8;
  return (
    <div id="board" style={{ width: WIDTH, height, position: 'relative', fontFamily: theme.typography.fontFamily }}>
      <Head theme={theme} document={document} chosen={chosen} menu={given.menu} range={range} />
      {panels.map((panel) => {
        const { x, y, w, h } = panel.gridPos;
        const place = { left: 16 + x * column, top: HEAD + y * (CELL + GAP) };
        const size = { width: w * column - GAP, height: h * CELL + (h - 1) * GAP };
        return (
          <div key={panel.id} style={{ position: 'absolute', ...place, ...size }} data-panel={panel.title}>
            {panel.type === 'row' ? (
              <Row theme={theme} panel={panel} />
            ) : (
              <PanelChrome
                {...size}
                title={replacing(given.values)(panel.title)}
                description={panel.description}
                displayMode={panel.transparent ? 'transparent' : 'default'}
                padding={panel.type === 'table' ? 'none' : 'md'}
              >
                {(width, height) => (
                  <Body
                    panel={panel}
                    answers={answers[panel.id] ?? []}
                    size={{ width, height }}
                    range={range}
                    theme={theme}
                    chosen={given.values}
                  />
                )}
              </PanelChrome>
            )}
          </div>
        );
      })}
    </div>
  );
}

function Row({ theme, panel }) {
  return (
    <div style={{ color: theme.colors.text.primary, fontSize: 18, fontWeight: 500, paddingTop: 4 }}>
      <span style={{ color: theme.colors.text.secondary, fontSize: 14, paddingRight: 8 }}>{panel.collapsed ? '›' : '⌄'}</span>
      {panel.title}
    </div>
  );
}

function Head({ theme, document, chosen, menu, range }) {
  const quiet = { color: theme.colors.text.secondary };
  const box = {
    background: theme.colors.background.secondary,
    border: `1px solid ${theme.colors.border.medium}`,
    borderRadius: 2,
    padding: '5px 8px',
    fontSize: 13,
    whiteSpace: 'nowrap',
  };
  const line = { position: 'absolute', left: 16, right: 16, display: 'flex', gap: 8, alignItems: 'center' };
  return (
    <div style={{ color: theme.colors.text.primary }}>
      <div style={{ ...line, top: 10, fontSize: 14 }}>
        <span style={quiet}>Dashboards › flowd ›</span>
        <span style={{ fontWeight: 500 }}>{document.title}</span>
        <span style={{ flex: 1 }} />
        {(menu ?? []).map((name) => (
          <span key={name} style={{ ...box, ...(name === document.title ? { color: theme.colors.text.link } : quiet) }}>
            {name}
          </span>
        ))}
      </div>
      <div style={{ ...line, top: 54 }}>
        {chosen.map(([label, text]) => (
          <span key={label} style={{ display: 'flex' }}>
            <span style={{ ...box, background: theme.colors.background.primary, ...quiet }}>{label}</span>
            <span style={{ ...box, marginLeft: -1 }}>{text} ⌄</span>
          </span>
        ))}
        <span style={{ flex: 1 }} />
        <span style={box}>{said(document.time)}</span>
        <span style={{ ...box, ...quiet }}>⟳ {document.refresh}</span>
      </div>
    </div>
  );
}

function said({ from, to }) {
  const words = { d: 'days', h: 'hours', m: 'minutes', y: 'years', M: 'months', w: 'weeks' };
  const of = (text) => {
    const [, count, unit] = /^now[+-](\d+)(\w)$/.exec(text) ?? [];
    return count ? `${count} ${count === '1' ? words[unit].slice(0, -1) : words[unit]}` : 'now';
  };
  return to === 'now' ? `Last ${of(from)}` : `${of(from)} ago to ${of(to)} ahead`;
}
