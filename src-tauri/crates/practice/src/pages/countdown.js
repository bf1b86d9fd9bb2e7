const inWords = (seconds) => {
  const [days, hours, minutes] = [seconds / 86400, (seconds / 3600) % 24, (seconds / 60) % 60].map(Math.floor);
  if (seconds <= 0) return "expired";
  if (seconds < 60) return `${seconds} s left`;
  if (seconds < 3600) return `${minutes} min ${seconds % 60} s left`;
  if (seconds < 86400) return `${hours} h ${minutes} min left`;
  return `${days} d ${hours} h left`;
};
const loaded = performance.now();
setInterval(() => {
  const gone = Math.floor((performance.now() - loaded) / 1000);
  for (const time of document.querySelectorAll("[data-left]")) {
    const left = Math.max(0, time.dataset.left - gone);
    time.textContent = inWords(left);
    if (time.nextElementSibling) time.nextElementSibling.value = left;
  }
}, 1000);
