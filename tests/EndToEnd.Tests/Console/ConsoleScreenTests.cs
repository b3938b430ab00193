using System.Globalization;
using Microsoft.Playwright;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Console;

/// <summary>
/// The screens that answer forms: pools, placements, tasks with a holdout and their result, in both languages and both
/// widths. Each answer is checked as every page is.
/// </summary>
[Collection(OneConsole.Name)]
public sealed class ConsoleScreenTests(ConsoleSite site)
{
    [ChromiumFact]
    public async Task Pools_are_counted_clause_by_clause_and_saved_in_versions()
    {
        await InEachLanguage(async (page, name, check) =>
        {
            await page.GotoAsync("/pools");
            await page.FillAsync("input[name=tag] >> nth=0", "category");
            await page.FillAsync("input[name=values] >> nth=0", "Tea, Coffee");
            await page.FillAsync("input[name=tag] >> nth=1", "price");
            await page.SelectOptionAsync("select[name=comparison] >> nth=1", "Less");
            await page.FillAsync("input[name=values] >> nth=1", "19.99");
            await page.FillAsync("#name", name);
            await page.ClickAsync("button[value=count]");
            await check();
            // What is left after one clause is what the next one begins with.
            var rows = page.Locator("section[aria-labelledby=counted] table >> nth=0").Locator("tbody tr");
            await Assertions.Expect(rows).ToHaveCountAsync(2);
            var (removed, left) = (await Cell(rows.Nth(0), 0), await Cell(rows.Nth(0), 1));
            Assert.Equal(left - await Cell(rows.Nth(1), 0), await Cell(rows.Nth(1), 1));
            Assert.True(removed > 0 && left > 0);
            await page.ClickAsync("button[value=save]");
            await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync(name);

            await page.FillAsync("input[name=tag] >> nth=2", "product_id");
            await page.SelectOptionAsync("select[name=role] >> nth=2", "except");
            await page.FillAsync("input[name=values] >> nth=2", "TEA-00001");
            await page.ClickAsync("button[value=save]");
            await check();
            await page.GotoAsync($"/pools?name={name}&version=1");
            Assert.Equal("", await page.InputValueAsync("input[name=tag] >> nth=2"));
            await page.GotoAsync($"/pools?name={name}");
            Assert.Equal("TEA-00001", await page.InputValueAsync("input[name=values] >> nth=2"));
            await page.ClickAsync($"button[value='{name}']");
            await Assertions.Expect(page.Locator($"button[value='{name}']")).ToHaveCountAsync(0);

            await page.FillAsync("input[name=tag] >> nth=0", "no-such-tag");
            await page.FillAsync("input[name=values] >> nth=0", "x");
            await page.ClickAsync("button[value=count]");
            await Assertions.Expect(page.Locator("#rows-problem")).ToContainTextAsync("no-such-tag");
            Assert.Equal("no-such-tag", await page.InputValueAsync("input[name=tag] >> nth=0"));
            await check();
        });
    }

    [ChromiumFact]
    public async Task Placements_are_tried_before_they_are_saved()
    {
        await InEachLanguage(async (page, name, check) =>
        {
            await page.GotoAsync("/placements");
            await page.FillAsync("#name", name);
            await page.SelectOptionAsync("select[name=kind] >> nth=0", "pin");
            await page.FillAsync("input[name=subject] >> nth=0", "COF-00002");
            await page.FillAsync("input[name=number] >> nth=0", "3");
            await page.FillAsync("#user", "C0000001");
            await page.ClickAsync("button[value=try]");
            await Assertions.Expect(page.Locator("#shown ~ .scroll tr >> nth=3"))
                .ToContainTextAsync("COF-00002");
            await check();
            await page.ClickAsync("button[value=save]");
            await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync(name);
            await page.GotoAsync($"/placements?name={name}");
            await page.FillAsync("input[name=number] >> nth=0", "0");
            await page.ClickAsync("button[value=save]");
            await Assertions.Expect(page.Locator("#rule-0-problem")).ToContainTextAsync("found");
            await check();
            await page.ClickAsync($"button[value='{name}']");
            await Assertions.Expect(page.Locator($"button[value='{name}']")).ToHaveCountAsync(0);
        });
    }

    [ChromiumFact]
    public async Task A_task_is_estimated_and_its_holdout_says_what_it_brought()
    {
        await InEachLanguage(async (page, _, check) =>
        {
            await page.GotoAsync("/tasks/new");
            await page.FillAsync("#rule", "category = 'Tea'");
            await page.FillAsync("#top", "2");
            await page.FillAsync("#holdout", "25");
            await page.FillAsync("#base", "2");
            await page.FillAsync("#lift", "1");
            await page.ClickAsync("button[value=estimate]");
            await Assertions.Expect(page.Locator("#rows")).Not.ToHaveTextAsync("0");
            await check();
            await page.FillAsync("#source", "no-such-source");
            await page.FillAsync("#table", "t");
            await page.ClickAsync("button[value=estimate]");
            await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("source");
            await page.FillAsync("#source", "");
            await page.FillAsync("#table", "");
            await page.ClickAsync("button[value=start]");
            await page.ClickAsync("a[href^='/campaign?task=']");
            await page.FillAsync("#dataset", "no-such-dataset");
            await page.ClickAsync("main form button");
            await Assertions.Expect(page.Locator("#dataset-problem")).ToContainTextAsync("no-such-dataset");
            await check();
            await page.FillAsync("#dataset", ConsoleSite.Dataset);
            await page.FillAsync("#days", "30");
            await page.ClickAsync("main form button");
            await Assertions.Expect(page.Locator("#difference")).ToBeVisibleAsync();
            await check();
        });
    }

    // Both languages, the pseudo-language, and the narrow page.
    private async Task InEachLanguage(Func<IPage, string, Func<Task>, Task> visit)
    {
        var problems = new List<string>();
        foreach (var (language, width) in new[] { ("en", 1440), ("zh-Hans", 390), (PageCheck.PseudoLanguage, 1440) })
        {
            var page = await site.Open("en-US", width, language);
            await visit(page, $"made-{language}", async () =>
            {
                var at = $"{language} {width} {new Uri(page.Url).PathAndQuery}";
                problems.AddRange(await PageCheck.Problems(page, at));
                problems.AddRange(
                    language == PageCheck.PseudoLanguage ? await PageCheck.BareTexts(page, at) : []);
            });
            await page.Context.CloseAsync();
        }

        Assert.Empty(problems);
    }

    private static async Task<int> Cell(ILocator row, int column) => int.Parse(
        (await row.Locator("td").Nth(column).TextContentAsync())!,
        NumberStyles.Integer | NumberStyles.AllowThousands,
        CultureInfo.InvariantCulture);
}
