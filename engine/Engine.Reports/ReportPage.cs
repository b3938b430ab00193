using System.Globalization;
using System.Text.Json.Nodes;

namespace Engine.Reports;

/// <summary>
/// The page of a training report, from its JSON: in the console, and as a file that needs nothing else. No script, no
/// font, no style in an attribute.
/// </summary>
public static class ReportPage
{
    private const string Style = "body{font:15px/1.5 system-ui,sans-serif;max-width:1180px;margin:2em auto;"
        + "padding:0 1em;color:#222}.scroll{overflow-x:auto;position:relative}table{border-collapse:collapse;"
        + "margin:0 0 1em}caption{text-align:left;font-weight:600;padding:.75em 0 .25em}"
        + "td,th{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:right;vertical-align:top}"
        + "td:first-child,th:first-child{text-align:left}figure{display:inline-block;width:560px;max-width:100%;"
        + "margin:1em 1em 1em 0;vertical-align:top}figcaption{font-weight:600}svg text{font:11px system-ui,sans-serif;"
        + "fill:#444}summary{cursor:pointer;font-weight:600}.facts{display:flex;flex-wrap:wrap;gap:1em 2em}"
        + ".facts div{border-top:2px solid #ccc}.facts dd{margin:0;font-size:1.4em;font-weight:600}"
        + ".warning{background:#fff4d6;padding:.4em .8em}";

    /// <summary>One HTML file in both languages; the reader chooses, without a script.</summary>
    /// <param name="json">The report, as `trainer report --json` writes it.</param>
    public static string Of(string json)
    {
        var report = JsonNode.Parse(json)!;
        var title = ReportHtml.Escape($"Training report {(string)report["snapshot_id"]!}");
        var choices = string.Concat(ReportWords.Languages.Select((language, i) =>
            $"<input type=\"radio\" name=\"language\" id=\"{language.Code}\"{(i == 0 ? " checked=\"checked\"" : "")}/>"
            + $"<label for=\"{language.Code}\" lang=\"{language.Code}\">{language.Name}</label> "));
        var bodies = string.Concat(ReportWords.Languages.Select(language =>
        {
            string Say(string phrase) => ReportWords.Say(language.Code, phrase);
            return $"<main lang=\"{language.Code}\"><h1>{ReportHtml.Escape(Say("Training report"))}</h1>"
                + $"{Body(report, Say)}</main>";
        }));
        var others = string.Concat(ReportWords.Languages.Select(language =>
            $"#{language.Code}:checked~main:not([lang={language.Code}]){{display:none}}"));
        return "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">"
            + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
            + $"<title>{title}</title><style>{Style}{others}</style></head><body>{choices}{bodies}</body></html>\n";
    }

    /// <summary>What stands under the heading: a summary first, details folded behind it.</summary>
    /// <param name="json">The report, as `trainer report --json` writes it.</param>
    /// <param name="say">A phrase in the reader's language. Models, features and settings keep their names.</param>
    public static string Body(string json, Func<string, string> say) => Body(JsonNode.Parse(json)!, say);

    /// <summary>What the model can be trusted for, and the warnings of the training.</summary>
    /// <param name="json">The report, as `trainer report --json` writes it.</param>
    /// <param name="say">A phrase in the reader's language; warnings are English.</param>
    public static (IReadOnlyList<string> Verdict, IReadOnlyList<string> Warnings) Trust(
        string json, Func<string, string> say)
    {
        var report = JsonNode.Parse(json)!;
        return (Verdict(report, say), Warnings(report));
    }

    private static string[] Verdict(JsonNode report, Func<string, string> say) =>
        [.. report["verdict"]!.AsArray().Select(sentence => VerdictWords.Of(sentence!, say))];

    private static string[] Warnings(JsonNode report) =>
        [.. report["warnings"]!.AsArray().Select(warning => (string)warning!)];

    private static string Body(JsonNode report, Func<string, string> say)
    {
        var html = new ReportHtml(say);
        var scope = report["scope"]!;
        html.Paragraph(string.Format(
            CultureInfo.InvariantCulture,
            say("Snapshot {0}: behavior from {1} to {2}, predicts {3} to {4}."),
            report["snapshot_id"],
            scope["scope_start"],
            scope["last_behavior_time"],
            report["window_start"],
            report["window_end"]));
        html.Sentences("verdict", Verdict(report, say), isEnglish: false);
        html.Sentences("warning", Warnings(report), isEnglish: true);
        new QualitySection(report, html).Write();
        new TrainingSection(report, html).Write();
        return html.ToString();
    }
}
