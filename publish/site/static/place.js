// The cloud and the region that a person asks for: one choice on the page, whichever of its selects it is made in.

/** What is chosen: a cloud, a region of it, and how service tags write that region; each empty for all of them. */
export function chosenPlace() {
  const [cloud] = selects("cloud");
  const [region] = selects("region");
  const [option] = region.selectedOptions;
  return { cloud: cloud.value, region: region.value, tag: option?.dataset.tag || region.value };
}

/** Keep all selects together, and tell of every choice by the event `place`. */
export function offerPlace() {
  for (const select of selects("cloud")) select.addEventListener("change", () => choose({ cloud: select.value }));
  for (const select of selects("region")) select.addEventListener("change", () => choose(regionOf(select.value)));
}

/** Choose what the address asks for; return what to say where it cannot be asked for. */
export function takePlace(query) {
  const [cloud, region] = [query.get("cloud") ?? "", query.get("region") ?? ""];
  const known = regionOf(region);
  put({ cloud: "", region: "" });
  if (!isOption("cloud", cloud)) return `There is no cloud “${cloud}”.`;
  if (!isOption("region", region)) return `There is no region “${region}”.`;
  if (cloud && region && known.cloud !== cloud) return `${region} is not a region of ${cloud}.`;
  put(region ? known : { cloud, region });
  return "";
}

function choose({ cloud, region }) {
  const before = chosenPlace();
  const kept = region ?? (regionOf(before.region).cloud === cloud ? before.region : "");
  put({ cloud: cloud ?? before.cloud, region: kept });
  document.dispatchEvent(new Event("place"));
}

/** A region with its cloud, under whose name it stands in the select. */
function regionOf(region) {
  if (!region) return { region };
  const [select] = selects("region");
  const option = [...select.options].find((one) => one.value === region);
  return { cloud: option?.parentElement.label, region };
}

function put(values) {
  for (const [name, value] of Object.entries(values)) for (const select of selects(name)) select.value = value;
}

function isOption(name, value) {
  return [...selects(name)[0].options].some((option) => option.value === value);
}

function selects(name) {
  return document.querySelectorAll(`select[name="${name}"]`);
}
