using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace EndToEnd.Tests.Console;

/// <summary>What every page of the console must be, whatever it shows.</summary>
internal static class PageCheck
{
    /// <summary>English between brackets.</summary>
    public const string PseudoLanguage = "qps-ploc";

    /// <summary>Whether it is wider than its window, what the checker of accessibility says, in words.</summary>
    public static async Task<IEnumerable<string>> Problems(IPage page, string at)
    {
        // After a click the new page may still be coming in.
        await page.WaitForLoadStateAsync();
        var width = page.ViewportSize!.Width;
        var problems = new List<string>();
        if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth") > width)
        {
            problems.Add($"{at}: wider than the window");
        }

        // The narrow page has the same elements, and more of them are scrolled.
        if (width <= 390)
        {
            var found = await page.RunAxe(new AxeRunOptions
            {
                // The rules of WCAG 2.2 AA are off by default.
                Rules = new Dictionary<string, RuleOptions> { ["target-size"] = new() { Enabled = true } },
            });
            problems.AddRange(found.Violations.Select(
                one => $"{at}: {one.Id}: {string.Join(" ", one.Nodes.Select(node => node.Html))}"));
        }

        return problems;
    }

    /// <summary>
    /// Texts that are not in the resource files: without brackets in the pseudo-language. What the engine says and
    /// stores is marked translate="no".
    /// </summary>
    public static async Task<IEnumerable<string>> BareTexts(IPage page, string at) =>
        (await page.EvaluateAsync<string[]>(
            """
            () => {
              const texts = [];
              const bare = text => /\p{L}/u.test(text) && !text.includes("⟦") && text !== "CSV";
              const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
              for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                const text = node.data.trim();
                if (bare(text) && !node.parentElement.closest("[translate=no], script, style")) {
                  texts.push(text);
                }
              }
              for (const one of document.querySelectorAll("[placeholder], [aria-label]")) {
                for (const text of [one.getAttribute("placeholder"), one.getAttribute("aria-label")]) {
                  if (text && bare(text)) {
                    texts.push(text);
                  }
                }
              }
              return texts;
            }
            """)).Select(text => $"{at}: {text}");
}
