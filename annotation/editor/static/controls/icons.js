// Icons of 20 × 20, drawn with the current colour. Those of the tools are in the tools' files.

/** @param {string} shapes what the SVG holds */
export const icon = shapes => `<svg viewBox="0 0 20 20" width="18" height="18" fill="none" stroke="currentColor" stroke-width="1.6"
  stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${shapes}</svg>`;

export const SPINNER = `<svg class="spinner" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><circle cx="10" cy="10" r="8"/><path d="M10 2a8 8 0 018 8"><animateTransform attributeName="transform" type="rotate" from="0 10 10" to="360 10 10" dur="0.8s" repeatCount="indefinite"/></path></svg>`;

/** By the data-icon of editor.html. @type {Record<string, string>} */
export const ICONS = {
  undo: icon('<path d="M7.500 4L3.500 8l4 4"/><path d="M3.800 8h8a4.400 4.400 0 010 8.800H8"/>'),
  redo: icon('<path d="M12.500 4l4 4-4 4"/><path d="M16.200 8h-8a4.400 4.400 0 000 8.800H12"/>'),
  split: icon('<rect x="2.500" y="4" width="15" height="12" rx="2"/><path d="M10 4v12"/><path d="M12.500 8.500l2 1.500-2 1.500M7.500 8.500L5.500 10l2 1.500" stroke-width="1.300"/>'),
  fit: icon('<path d="M3 7V4.500A1.500 1.500 0 014.500 3H7M13 3h2.500A1.500 1.500 0 0117 4.500V7M17 13v2.500a1.500 1.500 0 01-1.500 1.500H13M7 17H4.500A1.500 1.500 0 013 15.500V13"/>'),
  closer: icon('<circle cx="8.800" cy="8.800" r="5.300"/><path d="M13 13l4 4M8.800 6.500v4.600M6.500 8.800h4.600"/>'),
  further: icon('<circle cx="8.800" cy="8.800" r="5.300"/><path d="M13 13l4 4M6.500 8.800h4.600"/>'),
  unsure: icon('<path d="M2.200 10S5 4.800 10 4.800 17.800 10 17.800 10 15 15.200 10 15.200 2.200 10 2.200 10z"/><path d="M8.400 8.600c.1-1 .8-1.600 1.700-1.600 1 0 1.700.6 1.700 1.500 0 1.300-1.700 1.300-1.700 2.700M10.100 13v.1" stroke-width="1.400"/>'),
  next: icon('<circle cx="8" cy="10" r="4.800" stroke-dasharray="2.400 2"/><circle cx="8" cy="10" r="1.100" fill="currentColor"/><path d="M14 6.500l3.500 3.500-3.500 3.500"/>'),
  select: icon('<path d="M4 3v10.500l2.900-2.500 2 4.600 2-.9-2-4.500 3.900-.4z"/><path d="M14.500 2.500v3M13 4h3M16.500 9v2M15.500 10h2" stroke-width="1.400"/>'),
  overlay: icon('<path d="M10 3l7.500 4L10 11 2.500 7z"/><path d="M4.500 10.300L2.500 11.400l7.500 4 7.500-4-2-1.100"/>'),
  back: icon('<path d="M12 4.500L6.500 10l5.500 5.500"/>'),
};
