import { doc } from 'prettier';
import * as postcss from 'prettier/plugins/postcss';

const { fill, group, indent, join, line } = doc.builders;
const standard = postcss.printers.postcss;

/**
 * A prettier plugin for styles: a rule that fits on a line stays on one, and the declarations of a longer rule fill lines.
 * Prettier itself gives each declaration a line, which doubles the length of many components, and has no option for it.
 */
export const languages = postcss.languages;
export const parsers = { css: postcss.parsers.css };
export const printers = { postcss: { ...standard, print: printNode } };

function printNode(path, options, print) {
  const { node } = path;
  const compact = node.type === 'css-rule' && node.nodes?.length > 0 && node.nodes.every((n) => n.type === 'css-decl');
  if (!compact) return standard.print(path, options, print);

  const selector = softenBreaks(print('selector'), line);
  const declarations = path.map(() => softenBreaks(print(), ''), 'nodes'); // the first break of a value list follows "property: "
  return group([selector, ' {', indent([line, fill(join(line, declarations))]), line, '}']);
}

/**
 * Makes the forced line breaks of a document soft; the first one becomes what first says. Prettier shares parts of
 * documents, so each part is copied.
 */
function softenBreaks(document, first) {
  let replacement = first;
  const copy = (d) => {
    if (Array.isArray(d)) return d.map(copy);
    if (d.parts) return { ...d, parts: d.parts.map(copy) };
    if (d.contents) return { ...d, contents: copy(d.contents), break: false };
    if (d.type === 'break-parent') return '';
    if (d.type !== 'line' || !d.hard) return d;

    const soft = replacement;
    replacement = line;
    return soft;
  };

  return copy(document);
}
