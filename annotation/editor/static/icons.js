// Icons of 20 × 20, drawn with the current colour.

const icon = shapes => `<svg viewBox="0 0 20 20" width="18" height="18" fill="none" stroke="currentColor" stroke-width="1.6"
  stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${shapes}</svg>`;

export const ICONS = {
  brush: icon('<path d="M16.8 3.2c-3.6 1.7-6.7 4.6-8.6 7.8l1.8 1.8c3.2-1.9 6.100-5 7.800-8.600z"/><path d="M7 12.200c-2 .2-2.800 1.400-3 3-.1 1-.6 1.500-1.200 1.800 2.700.7 5.900.2 6-2.900"/>'),
  lasso: icon('<path d="M10 3.500c4 0 7 1.900 7 4.600s-3 4.600-7 4.600-7-1.900-7-4.600 3-4.600 7-4.600z" stroke-dasharray="2.600 2.600"/><path d="M6.500 12.200c-1.600.7-1.500 2.600 0 2.700 1.300.1 1.900-1.300 1-2.300M6.800 15c.2 1.200-.5 2-1.500 2.500"/>'),
  island: icon('<path d="M9 2.800l6.700 6.700-5.500 5.500a1.600 1.600 0 01-2.300 0L3.500 10.600a1.600 1.600 0 010-2.300z"/><path d="M2.900 9.500h12.600M7 2.500l3 3"/><path d="M17.500 13.200c.9 1.400 1.200 2 1.200 2.600a1.200 1.200 0 01-2.400 0c0-.6.300-1.200 1.200-2.600z" fill="currentColor" stroke="none"/>'),
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
