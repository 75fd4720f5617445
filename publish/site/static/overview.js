// The overview: everything that every page has, the filters, and the host check.

import "./site.js";
import { offerCheck } from "./check-form.js";
import { offerFilters } from "./filter.js";

offerFilters();
offerCheck();
