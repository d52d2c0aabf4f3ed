// What both pages share.

// get returns the JSON at an address of the API, or throws an Error in words.
export async function get(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (e) {
    if (e.name === 'AbortError') throw e;
    throw new Error('The server does not answer. Is hqvit serve still running?');
  }
  const type = response.headers.get('Content-Type') || '';
  if (!type.startsWith('application/json')) throw new Error(`The server answered ${response.status}, without JSON.`);
  const value = await response.json();
  if (!response.ok) throw new Error(value.error);
  return value;
}

// show sets the text of an element, and hides it without one.
export function show(element, text) {
  element.textContent = text;
  element.hidden = !text;
}

// element makes an element with attributes and children.
export function element(name, attributes = {}, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  e.append(...children);
  return e;
}

export const percent = (p) => `${(100 * p).toFixed(1)} %`;

// table makes a table of rows, whose first cells are their headings.
export function table(caption, heads, rows) {
  const head = element('tr', {}, ...heads.map((h) => element('th', { scope: 'col' }, h)));
  const body = rows.map(([first, ...rest]) => element('tr', {}, element('th', { scope: 'row' }, first),
    ...rest.map((v) => element('td', {}, v))));
  return element('table', {}, element('caption', { class: 'left' }, caption), element('thead', {}, head),
    element('tbody', {}, ...body));
}
