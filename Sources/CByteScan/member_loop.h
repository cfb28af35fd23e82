// SPDX-License-Identifier: Apache-2.0
// `martlet_scan_members`, once for each width of registers: with SCAN_MEMBERS for its name, and
// FITS, TEXT_END and DIGITS_END for what depends on the width.

SCAN_TARGET
static enum martlet_stop SCAN_MEMBERS(
    const uint8_t *text, int64_t count, martlet_lead *leads, martlet_spot *spots,
    uint64_t generation, martlet_scan *scan) {
    const int64_t limit = count - MARTLET_SCAN_MARGIN;
    const uint64_t stamp = generation << 8;
    int64_t i = scan->place;
    int64_t start;
    int64_t end;
    uint64_t kind;
    martlet_lead *lead = leads + scan->lead;
    enum martlet_stop stop;
    if (scan->is_at_value) goto value;
    for (;;) {
        martlet_lead *next = leads + lead->next;
        if (__builtin_expect(!FITS(next, text + i), 0)) {
            next = leads + lead->other_next;
            if (!FITS(next, text + i)) {
                stop = MARTLET_STOPPED_BEHIND_VALUE;
                break;
            }
            // What came last is foreseen.
            lead->other_next = lead->next;
            lead->next = (int32_t)(next - leads);
        }
        if (__builtin_expect(next->form == MARTLET_NO_LEAD, 0)) {
            stop = MARTLET_STOPPED_BEHIND_VALUE;
            break;
        }
        lead = next;
        i += lead->length;
    value:
        if (__builtin_expect(lead->form != MARTLET_BEFORE_TEXT, 0)) {
            if (lead->form == MARTLET_END_OF_LINE) {
                i -= 1;
                stop = MARTLET_STOPPED_AT_END;
                break;
            }
            uint8_t first = text[i];
            if (lead->form == MARTLET_BEFORE_PARENT) {
                stop = MARTLET_STOPPED_AT_VALUE;
                break;
            }
            if (first != '"') {
                start = i;
                stop = MARTLET_STOPPED_AT_VALUE;
                if ((uint8_t)(first - '0') < 10 || first == '-') {
                    const int64_t digits = first == '-' ? i + 1 : i;
                    end = DIGITS_END(text, digits, limit);
                    if (end >= limit) {
                        stop = MARTLET_STOPPED_AT_LIMIT;
                        break;
                    }
                    // Neither none at all nor one behind a leading zero.
                    if (end == digits || (text[digits] == '0' && end != digits + 1)) break;
                    kind = MARTLET_INTEGER;
                    if (text[end] == '.') {
                        const int64_t fraction = end + 1;
                        end = DIGITS_END(text, fraction, limit);
                        if (end >= limit) {
                            stop = MARTLET_STOPPED_AT_LIMIT;
                            break;
                        }
                        if (end == fraction) break;
                        kind = MARTLET_FRACTION;
                    }
                    if ((text[end] | 0x20) == 'e') break;
                } else if (__builtin_memcmp(text + i, "true", 4) == 0) {
                    end = i + 4;
                    kind = MARTLET_YES;
                } else if (__builtin_memcmp(text + i, "false", 5) == 0) {
                    end = i + 5;
                    kind = MARTLET_NO;
                } else if (__builtin_memcmp(text + i, "null", 4) == 0) {
                    end = i + 4;
                    kind = MARTLET_NULL;
                } else {
                    break;
                }
                i = end;
                goto noted;
            }
            i += 1;
        }
        start = i;
        end = TEXT_END(text, i, limit);
        if (end >= limit) {
            stop = MARTLET_STOPPED_AT_LIMIT;
            break;
        }
        if (__builtin_expect(text[end] != '"', 0)) {
            scan->start = start;
            i = end;
            stop = MARTLET_STOPPED_IN_TEXT;
            break;
        }
        kind = MARTLET_TEXT;
        i = end + 1;
    noted:
        if (lead->spot >= 0) {
            martlet_spot *spot = spots + lead->spot;
            spot->from = (uint32_t)start;
            spot->to = (uint32_t)end;
            spot->stamp = stamp | kind;
        }
        if (i >= limit) {
            stop = MARTLET_STOPPED_AT_LIMIT;
            break;
        }
    }
    scan->place = i;
    scan->lead = (int32_t)(lead - leads);
    return stop;
}
