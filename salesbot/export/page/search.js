'use strict';
const box = document.querySelector('input');
const told = document.querySelector('output');
const days = [...document.querySelectorAll('.day')];
const lines = [...document.querySelectorAll('.m')].map((at) => ({ at, text: at.textContent.toLowerCase() }));
const search = () => {
  const wanted = box.value.trim().toLowerCase();
  let found = 0;
  for (const line of lines) {
    const hit = line.text.includes(wanted);
    line.at.hidden = !hit;
    found += hit;
  }
  for (const day of days) day.hidden = !day.querySelector('.m:not([hidden])');
  told.textContent = wanted ? `${found} / ${lines.length}` : '';
};
box.addEventListener('input', search);
if (box.value) search();
