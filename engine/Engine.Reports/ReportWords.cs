using System.Globalization;
using System.Resources;

namespace Engine.Reports;

/// <summary>
/// The languages of reports. English phrases are the keys of Report.zh-Hans.resx; a test finds phrases that it lacks.
/// </summary>
public static class ReportWords
{
    private const string SimplifiedChinese = "zh-Hans";

    /// <summary>Code, and the name in itself.</summary>
    public static readonly IReadOnlyList<(string Code, string Name)> Languages =
        [("en", "English"), (SimplifiedChinese, "简体中文")];

    private static readonly ResourceManager Chinese =
        new($"report.{SimplifiedChinese}", typeof(ReportWords).Assembly);

    /// <summary>Whether a language has its own words for a phrase, or says that the English ones are its own.</summary>
    internal static bool Has(string language, string phrase) =>
        language == SimplifiedChinese && Chinese.GetString(phrase, CultureInfo.InvariantCulture) is not null;

    /// <summary>A phrase in a language; the English one where the language has no other.</summary>
    /// <param name="language">One of <see cref="Languages"/>; any other is English.</param>
    /// <param name="phrase">In English, with the places of its values.</param>
    public static string Say(string language, string phrase) =>
        language == SimplifiedChinese
            ? Chinese.GetString(phrase, CultureInfo.InvariantCulture) ?? phrase
            : phrase;
}
