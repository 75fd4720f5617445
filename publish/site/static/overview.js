// The overview: everything that every page has, the host check, the filters and the table.

import "./site.js";
import { offerCheck } from "./check-form.js";
import { offerFilters } from "./filter.js";
import { offerPlace } from "./place.js";
import { offerTable } from "./rules-table.js";

offerPlace();
offerCheck();
offerTable();
offerFilters();
