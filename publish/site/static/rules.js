// The rules of a cloud or of a feature: everything that every page has, and the table.

import "./site.js";
import { offerTable } from "./rules-table.js";

offerTable();
