using System.Globalization;
using System.Net;
using System.Text;
using Engine.Protos.V1;

namespace Engine.Server.Reports;

/// <summary>What the page says at its top.</summary>
/// <param name="Name">The task, or the result file.</param>
/// <param name="Facts">Names and values.</param>
/// <param name="Notes">For a person.</param>
internal sealed record CampaignHeading(
    string Name, IReadOnlyList<(string Name, string Value)> Facts, IReadOnlyList<string> Notes);

/// <summary>The report of a campaign as one HTML file: no script, no font, no external resource.</summary>
internal sealed class CampaignPage
{
    private const int MostProducts = 50;
    private const int MostReasons = 15;

    private const string Style = "body{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:2em "
        + "auto;padding:0 1em;"
        + "color:#222}table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .8em;border-bottom:1px solid #ddd;"
        + "text-align:right}td:first-child,th:first-child{text-align:left}.bar{display:inline-block;height:.7em;"
        + "background:#3a6ea5;vertical-align:middle}.note{background:#fff4d6;padding:.4em .8em}"
        + ".verdict{font-weight:600}";

    private readonly StringBuilder _html = new();

    /// <summary>The page.</summary>
    /// <param name="heading">What is said at its top.</param>
    /// <param name="treated">Who gets a message.</param>
    /// <param name="heldOut">Who gets none; null when nobody is held out.</param>
    /// <param name="lift">What was measured; null when it was not yet.</param>
    public static string Of(
        CampaignHeading heading, CampaignFigures treated, CampaignFigures? heldOut, TaskLiftReply? lift)
    {
        var page = new CampaignPage();
        page.Head(heading);
        page.Who(treated, heldOut);
        page.What(treated);
        page.Why(treated);
        page.Lift(heldOut is not null, lift);
        return page._html.Append("</body></html>\n").ToString();
    }

    private void Head(CampaignHeading heading)
    {
        _html.Append(CultureInfo.InvariantCulture, $"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">");
        _html.Append(
            CultureInfo.InvariantCulture,
            $"<title>Campaign {Escape(heading.Name)}</title><style>{Style}</style></head><body>");
        _html.Append(CultureInfo.InvariantCulture, $"<h1>Campaign {Escape(heading.Name)}</h1>");
        Table(["fact", "value"], heading.Facts.Select(fact => new[] { fact.Name, fact.Value }));
        Notes(heading.Notes);
    }

    private void Who(CampaignFigures treated, CampaignFigures? heldOut)
    {
        _html.Append("<h2>Who</h2>");
        var groups = heldOut is null ? [("get a message", treated)] : new[]
        {
            ("get a message", treated), ("held out", heldOut),
        };
        Table(
            ["users who", "users", "bought a product of their list before", "products offered", "expected buyers"],
            groups.Select(group => new[]
            {
                group.Item1,
                Whole(group.Item2.Users),
                Whole(group.Item2.Repeaters),
                Whole(group.Item2.Rows),
                group.Item2.HasProbabilities ? Number(group.Item2.Buyers) : "not calibrated",
            }));
        _html.Append("<p>Expected buyers are users who buy one product of their list or more "
            + "within the horizon, as the "
            + "calibrated probabilities say, message or not.</p>");
    }

    private void What(CampaignFigures treated)
    {
        _html.Append("<h2>What</h2>");
        Table(
            ["product", "name", "users", "share of users", "expected buyers"],
            treated.Products.Take(MostProducts).Select(product => new[]
            {
                product.Id,
                product.Name,
                Whole(product.Users),
                Percent(product.Users, treated.Users),
                treated.HasProbabilities ? Number(product.Promised) : "",
            }));
        More(treated.Products.Count(), MostProducts, "products");
    }

    private void Why(CampaignFigures treated)
    {
        _html.Append("<h2>Why</h2>");
        Table(
            ["reason", "offers", "share"],
            treated.Reasons.Take(MostReasons).Select(reason => new[]
            {
                reason.Key, Whole(reason.Value), Percent(reason.Value, treated.Rows),
            }),
            treated.Reasons.Take(MostReasons).Select(reason => (double)reason.Value / Math.Max(1, treated.Rows)));
        More(treated.Reasons.Count(), MostReasons, "reasons");
        if (!treated.Reasons.Any())
        {
            _html.Append("<p>The snapshot is gone, and the rows give no reasons.</p>");
        }
    }

    private void Lift(bool isHeldOut, TaskLiftReply? lift)
    {
        _html.Append("<h2>Lift</h2>");
        if (lift is null)
        {
            _html.Append(isHeldOut
                ? "<p>Not measured yet. Give --dataset with the purchases after the messages.</p>"
                : "<p>Nobody was held out, so no lift can be measured.</p>");
            return;
        }

        _html.Append(
            CultureInfo.InvariantCulture,
            $"<p class=\"verdict\">{Escape(lift.Listed.Verdict)}</p><p>Purchases from {Escape(lift.FirstDay)} to "
            + $"{Escape(lift.LastDay)}.</p>");
        Table(
            ["users", "treated", "conversion", "held out", "conversion", "difference, points", "95 % interval", "p"],
            new[] { lift.Listed, lift.Any, lift.Repeat, lift.New }.Concat(lift.Deciles).Select(row => new[]
            {
                row.Label,
                Whole(row.Treated.Users),
                Percent(row.Treated.Conversion),
                Whole(row.HeldOut.Users),
                Percent(row.HeldOut.Conversion),
                row.Comparable ? Points(row.Difference) : "-",
                row.Comparable ? $"{Points(row.Low)} to {Points(row.High)}" : "-",
                row.Comparable ? row.PValue.ToString("F4", CultureInfo.InvariantCulture) : "-",
            }));
        if (lift.Listed.Treated.HasPromised)
        {
            Table(
                ["purchases of listed products", "promised by the probabilities", "came"],
                new[] { ("treated users", lift.Listed.Treated), ("held-out users", lift.Listed.HeldOut) }.Select(
                    group => new[] { group.Item1, Number(group.Item2.Promised), Whole(group.Item2.Kept) }));
        }

        if (lift.HasRevenue)
        {
            Table(
                ["revenue per user", "treated", "held out", "difference", "95 % interval", "p"],
                new[] { lift.Listed, lift.Any }.Select(row => new[]
                {
                    row.Label,
                    Number(row.Treated.RevenuePerUser),
                    Number(row.HeldOut.RevenuePerUser),
                    Number(row.RevenueDifference),
                    $"{Number(row.RevenueLow)} to {Number(row.RevenueHigh)}",
                    row.RevenuePValue.ToString("F4", CultureInfo.InvariantCulture),
                }));
        }

        Notes(lift.Notes);
    }

    private void Notes(IEnumerable<string> notes)
    {
        foreach (var note in notes)
        {
            _html.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{Escape(note)}</p>");
        }
    }

    private void More(int all, int shown, string what)
    {
        if (all > shown)
        {
            _html.Append(CultureInfo.InvariantCulture, $"<p>{all - shown:N0} more {what} are not shown.</p>");
        }
    }

    private void Table(string[] columns, IEnumerable<string[]> rows, IEnumerable<double>? bars = null)
    {
        _html.Append("<table><tr>");
        foreach (var column in columns)
        {
            _html.Append(CultureInfo.InvariantCulture, $"<th>{Escape(column)}</th>");
        }

        _html.Append("</tr>");
        var widths = bars?.ToArray();
        foreach (var (index, row) in rows.Index())
        {
            _html.Append("<tr>");
            foreach (var cell in row)
            {
                _html.Append(CultureInfo.InvariantCulture, $"<td>{Escape(cell)}</td>");
            }

            if (widths is not null)
            {
                _html.Append(
                    CultureInfo.InvariantCulture,
                    $"<td><span class=\"bar\" style=\"width:{(int)(200 * widths[index])}px\"></span></td>");
            }

            _html.Append("</tr>");
        }

        _html.Append("</table>");
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static string Whole(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("N2", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share).ToString("F2", CultureInfo.InvariantCulture) + " %";

    private static string Percent(long part, long whole) => whole == 0 ? "" : Percent((double)part / whole);

    private static string Points(double share) =>
        (100 * share).ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture);
}
