// The portal needs no script. Pages that carry this one only gain focus on errors and protection from double presses.
import { focusErrors, onceOnly } from "./forms.js";

focusErrors();
onceOnly();
