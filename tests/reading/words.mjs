// Fills in Grafana's variables in names and links, as Grafana's front end does.

/** The function that fills them in; `chosen` is what is chosen at the top, by name of variable. */
export function replacing(chosen = {}) {
  return (text, scoped = {}) =>
    typeof text !== 'string' ? text : text.replace(/\$\{([\w.]+)(?:\["([^"]+)"\])?(?::(\w+))?\}/g, (whole, path, key) => {
      const [name, ...rest] = path.split('.');
      if (name in scoped) {
        let found = scoped[name].value;
        for (const step of key === undefined ? rest : [...rest, key]) {
          found = found?.[step];
        }
        return found === undefined || found === null ? '' : String(found);
      }
      if (name === '__field' || name === '__series') {
        const { field, frame } = scoped.__dataContext?.value ?? {};
        return name === '__series' ? (frame?.name ?? '') : String(field ? ofField(field, rest, key) : whole);
      }
      return name in chosen ? String(chosen[name]) : whole;
    });
}

function ofField(field, [what, ...rest], key) {
  const label = rest[0] ?? key;
  if (what === 'labels') {
    return label === undefined ? Object.entries(field.labels ?? {}).map((pair) => pair.join('=')).join(', ') : (field.labels?.[label] ?? '');
  }
  return what === 'name' ? field.name : (field.state?.displayName ?? field.name);
}
