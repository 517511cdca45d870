// Panels of rows: Grafana's own table.
import { TableNG } from '@grafana/ui/unstable';

export function Grid({ panel, frames, size, range }) {
  const frame = frames.find(({ fields }) => fields.length) ?? frames[0];
  const sorted = panel.options?.sortBy;
  return (
    <TableNG
      data={frame}
      {...size}
      noHeader={panel.options?.showHeader === false}
      cellHeight={panel.options?.cellHeight ?? 'sm'}
      sortBy={sorted}
      timeRange={range}
      fieldConfig={panel.fieldConfig}
      enableVirtualization={false}
      noValue={panel.fieldConfig?.defaults?.noValue}
      disableKeyboardEvents
    />
  );
}
