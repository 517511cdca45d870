// Panels of single values: big numbers and bars. Which values they show is told by Grafana's own code.
import * as data from '@grafana/data';
import { BarGauge, BigValue, VizRepeater } from '@grafana/ui';

function shown({ panel, frames, theme, replaceVariables }) {
  return data.getFieldDisplayValues({
    data: frames,
    fieldConfig: panel.fieldConfig,
    reduceOptions: { calcs: ['lastNotNull'], values: false, fields: '', ...panel.options?.reduceOptions },
    replaceVariables,
    theme,
    timeZone: 'utc',
    sparkline: (panel.options?.graphMode ?? 'none') !== 'none',
  });
}

function Repeated({ given, render, autoGrid = false }) {
  const { panel, size } = given;
  return (
    <VizRepeater
      {...size}
      source={given.frames}
      renderCounter={1}
      autoGrid={autoGrid}
      orientation={panel.options?.orientation ?? 'auto'}
      getAlignmentFactors={data.getDisplayValueAlignmentFactors}
      getValues={() => shown(given)}
      minVizHeight={panel.options?.minVizHeight}
      minVizWidth={panel.options?.minVizWidth}
      itemSpacing={8}
      renderValue={render}
    />
  );
}

export function Tiles(given) {
  const options = given.panel.options ?? {};
  const mode = options.textMode ?? 'auto';
  return (
    <Repeated
      given={given}
      autoGrid
      render={({ value, width, height, alignmentFactors, count }) => (
        <BigValue
          value={value.display}
          sparkline={value.sparkline}
          colorMode={options.colorMode ?? 'value'}
          graphMode={options.graphMode ?? 'none'}
          justifyMode={options.justifyMode ?? 'auto'}
          textMode={mode === 'auto' && count === 1 ? 'value' : mode}
          alignmentFactors={alignmentFactors}
          text={options.text}
          width={width}
          height={height}
          count={count}
          theme={given.theme}
        />
      )}
    />
  );
}

export function Levels(given) {
  const options = given.panel.options ?? {};
  return (
    <Repeated
      given={given}
      render={({ value, width, height, alignmentFactors, count, orientation }) => (
        <BarGauge
          value={count === 1 && !options.reduceOptions?.values ? { ...value.display, title: undefined } : value.display}
          field={value.field}
          display={value.view?.getFieldDisplayProcessor(value.colIndex)}
          width={width}
          height={height}
          orientation={orientation}
          text={options.text}
          displayMode={options.displayMode ?? 'gradient'}
          showUnfilled={options.showUnfilled ?? true}
          valueDisplayMode={options.valueMode ?? 'color'}
          alignmentFactors={alignmentFactors}
          itemSpacing={8}
          lcdCellWidth={12}
          theme={given.theme}
        />
      )}
    />
  );
}
