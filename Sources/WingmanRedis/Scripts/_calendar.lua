-- Days since 1970 → year, month, day in UTC (Redis' Lua has no os.date). Howard Hinnant's civil_from_days.
local function civil(days)
    local floor = math.floor
    local shifted = days + 719468
    local era = floor(shifted / 146097)
    local day_of_era = shifted - era * 146097
    local year_of_era =
        floor((day_of_era - floor(day_of_era / 1460) + floor(day_of_era / 36524) - floor(day_of_era / 146096)) / 365)
    local day_of_year = day_of_era - (365 * year_of_era + floor(year_of_era / 4) - floor(year_of_era / 100))
    local shifted_month = floor((5 * day_of_year + 2) / 153)
    local day = day_of_year - floor((153 * shifted_month + 2) / 5) + 1
    local month = shifted_month < 10 and shifted_month + 3 or shifted_month - 9
    local year = year_of_era + era * 400 + (month <= 2 and 1 or 0)
    return year, month, day
end
