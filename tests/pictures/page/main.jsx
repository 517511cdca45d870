// Draws one dashboard as Grafana lays it out, out of what its queries gave (data.json beside the page).
import '@fontsource/inter/400.css';
import '@fontsource/inter/500.css';
import * as data from '@grafana/data';
import { ThemeContext, GlobalStyles } from '@grafana/ui';
import { createRoot } from 'react-dom/client';
import { Board } from './board.jsx';

async function main() {
  const given = await (await fetch('data.json')).json();
  await Promise.all([document.fonts.load('14px Inter'), document.fonts.load('500 14px Inter')]);
  data.standardTransformersRegistry.setInit(() => []);
  const theme = data.createTheme({ colors: { mode: 'dark' } });
  document.body.style.background = theme.colors.background.canvas;
  createRoot(document.getElementById('root')).render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <Board given={given} theme={theme} />
    </ThemeContext.Provider>,
  );
}

main();
