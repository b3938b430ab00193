using System.Text;
using Microsoft.Playwright;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Console;

/// <summary>The console in a real browser: both campaigns of the README, and what every page must be.</summary>
[Collection(OneConsole.Name)]
public sealed class ConsolePageTests(ConsoleSite site)
{
    private const string Product = "COF-00001";

    private static readonly string[] Paths =
    [
        "/",
        "/push",
        $"/push?product={Product}",
        "/push?q=no-such-product",
        "/goes-with",
        $"/goes-with?product={Product}",
        "/audiences", "/audiences?kind=combination", "/audiences?kind=result", "/tasks", "/tasks/none", "/customer",
        "/customer?id=C0000001", "/snapshots", "/sign-in",
        "/product",
        $"/product?product={Product}",
        "/pools", "/pools?kind=text", "/placements", "/tasks/new", "/campaign", "/training", "/traffic",
        "/traffic?minutes=60", "/access", "/audit",
        "/no-such-page",
    ];

    [ChromiumFact]
    public async Task Both_campaigns_in_both_languages()
    {
        foreach (var (locale, code) in new[] { ("en-US", "en"), ("zh-CN", "zh-Hans") })
        {
            var page = await site.Open(locale, workspace: await site.EmptyWorkspace($"empty-{code}"));
            await page.GotoAsync("/");
            Assert.Equal(code, await page.GetAttributeAsync("html", "lang"));
            await Trust(page);
            foreach (var screen in new[] { "/tasks", "/audiences", "/pools" })
            {
                await page.GotoAsync(screen);
                Assert.Equal(1, await page.Locator("main > .empty, main > section > .empty").CountAsync());
            }

            await Push(page, $"wants-it-{code}");
            await GoesWith(page, $"target-b-{code}");
            await page.Context.CloseAsync();
        }
    }

    [ChromiumFact]
    public async Task An_audience_is_saved_with_the_keyboard_alone()
    {
        var page = await site.Open("en-US");
        await page.GotoAsync("/");
        await Tab(page, "a[href='/push']");
        await Enter(page, "**/push");
        await Tab(page, "#q");
        await page.Keyboard.TypeAsync(Product);
        await Enter(page, "**/push?q=*");
        await Tab(page, $"a[href='/push?product={Product}']");
        await Enter(page, "**/push?product=*");
        await Tab(page, "#cut");
        await page.Keyboard.PressAsync("End");
        var keenest = await page.TextContentAsync("#size");
        await page.Keyboard.PressAsync("Home");
        Assert.Equal("0", await page.InputValueAsync("#cut"));
        Assert.NotEqual(keenest, await page.TextContentAsync("#size"));
        await Tab(page, "#name");
        await page.Keyboard.TypeAsync("by-keyboard");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("by-keyboard");
        await page.Context.CloseAsync();
    }

    [ChromiumFact]
    public async Task Every_page_is_accessible_and_fits_in_both_languages()
    {
        var problems = new List<string>();
        foreach (var language in new[] { "en", "zh-Hans" })
        {
            foreach (var width in new[] { 1440, 390 })
            {
                var page = await site.Open("en-US", width, language);
                foreach (var path in Paths)
                {
                    await page.GotoAsync(path);
                    var at = $"{language} {width} {path}";
                    problems.AddRange(await PageCheck.Problems(page, at));
                }

                await page.Context.CloseAsync();
            }
        }

        Assert.Empty(problems);
    }

    [ChromiumFact]
    public async Task Every_text_is_in_the_resource_files()
    {
        var page = await site.Open("en-US", language: PageCheck.PseudoLanguage);
        var bare = new List<string>();
        foreach (var path in Paths)
        {
            await page.GotoAsync(path);
            bare.AddRange(await PageCheck.BareTexts(page, path));
        }

        await page.Context.CloseAsync();
        Assert.Empty(bare);
    }

    [ChromiumFact]
    public async Task The_first_page_is_small()
    {
        var page = await site.Open("en-US");
        var sizes = new List<Task<byte[]>>();
        page.Response += (_, response) => sizes.Add(response.BodyAsync());
        await page.GotoAsync("/", new PageGotoOptions { WaitUntil = WaitUntilState.NetworkIdle });
        var bytes = (await Task.WhenAll(sizes)).Sum(body => body.Length);
        await page.Context.CloseAsync();
        Assert.InRange(bytes, 1, 150_000);
    }

    [ChromiumFact]
    public async Task Wrong_input_comes_back_beside_its_field()
    {
        var page = await site.Open("en-US");
        await page.GotoAsync($"/push?product={Product}");
        await page.FillAsync("#name", "a/b");
        await page.ClickAsync("form[action='/push/audience'] button");
        await Assertions.Expect(page.Locator("#name-problem")).ToContainTextAsync("name");
        Assert.Equal("a/b", await page.InputValueAsync("#name"));

        await page.GotoAsync("/audiences");
        await page.FillAsync("#name", "x");
        await page.FillAsync("#days", "soon");
        await page.ClickAsync("button[value=count]");
        await Assertions.Expect(page.Locator("#days-problem")).ToContainTextAsync("within_days");

        await page.GotoAsync($"/goes-with?product={Product}");
        await page.FillAsync("#name", "x");
        await page.ClickAsync("button[value=count]");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Tick at least one");
        await page.Context.CloseAsync();
    }

    // Why the model can be trusted: in words, and the figures behind them.
    private static async Task Trust(IPage page)
    {
        var language = new Engine.WebConsole.Texts.Language(await page.GetAttributeAsync("html", "lang"));
        var sentences = await page.Locator("section[aria-labelledby=model] li").AllTextContentsAsync();
        Assert.NotEmpty(sentences);
        var frames = new[] { "Trust it for {0}, because {1}.", "Do not use it for {0}, because {1}." }
            .Select(frame => language.Phrase(frame).Split("{0}")[0])
            .ToArray();
        Assert.All(sentences, sentence => Assert.Contains(
            frames, frame => sentence.StartsWith(frame, StringComparison.Ordinal)));
        await page.ClickAsync("main a[href='/training']");
        Assert.Equal(sentences, await page.Locator(".verdict li").AllTextContentsAsync());
        Assert.True(await page.Locator(".report figure").CountAsync() >= 3);
        await page.GotoAsync("/");
    }

    private static async Task Push(IPage page, string name)
    {
        await page.ClickAsync("a[href='/push']");
        await page.FillAsync("#q", Product);
        await page.Keyboard.PressAsync("Enter");
        await page.ClickAsync($"a[href='/push?product={Product}']");
        await page.FillAsync("#cut", "100");
        var size = await page.TextContentAsync("#size");
        await page.FillAsync("#name", name);
        await page.ClickAsync("form[action='/push/audience'] button");
        await Assertions.Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync(name);
        // The page keeps the cut, and the audience has the customers that it showed.
        Assert.Equal("100", await page.InputValueAsync("#cut"));
        var rows = await Download(page, "form[action='/push/export'] button");
        Assert.StartsWith("user_id,score,probability,percentile", rows[0], StringComparison.Ordinal);
        var saved = await page.Locator(".done").TextContentAsync();
        Assert.Contains($" {rows.Length - 1} ", saved, StringComparison.Ordinal);
        Assert.True(int.Parse(size!, System.Globalization.CultureInfo.InvariantCulture) >= 1);
    }

    private static async Task GoesWith(IPage page, string name)
    {
        await page.ClickAsync("a[href='/goes-with']");
        await page.FillAsync("#q", Product);
        await page.Keyboard.PressAsync("Enter");
        await page.ClickAsync($"a[href='/goes-with?product={Product}']");
        await page.CheckAsync("input[name=b] >> nth=0");
        await page.FillAsync("#days", "90");
        await page.FillAsync("#name", name);
        await page.ClickAsync("button[value=count]");
        var target = await page.TextContentAsync("#target");
        await page.ClickAsync("button[value=save]");
        var members = await Download(page, $"a[href='/audiences/{name}/export']");
        Assert.Equal(target, $"{members.Length - 1}");

        await page.FillAsync("#rule", "category = 'Tea'");
        await page.FillAsync("#top", "3");
        await page.ClickAsync("button[value=start]");
        var rows = await Download(page, "a[href$='download?format=csv']");
        Assert.StartsWith("user_id,item_rank,item_id,score", rows[0], StringComparison.Ordinal);
        Assert.True(rows.Length > 1, $"found {rows.Length} rows");
        var users = rows[1..].Select(row => row.Split(',')[0]).Distinct();
        Assert.Empty(users.Except(members));
    }

    // The file begins with a byte-order mark, which spreadsheets need.
    private static async Task<string[]> Download(IPage page, string selector)
    {
        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync(selector));
        var content = await File.ReadAllBytesAsync(await download.PathAsync());
        Assert.Equal(Encoding.UTF8.Preamble.ToArray(), content[..3]);
        return Encoding.UTF8.GetString(content[3..])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    // On a busy machine a browser has lost the key: a person presses it again.
    private static async Task Enter(IPage page, string leadsTo)
    {
        for (var attempt = 0; ; attempt++)
        {
            await page.Keyboard.PressAsync("Enter");
            try
            {
                await page.WaitForURLAsync(leadsTo, new PageWaitForURLOptions { Timeout = 20_000 });
                return;
            }
            catch (TimeoutException) when (attempt < 3)
            {
            }
        }
    }

    // Presses Tab until an element has the focus.
    private static async Task Tab(IPage page, string selector)
    {
        for (var i = 0; i < 80; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<bool>("selector => document.activeElement.matches(selector)", selector))
            {
                return;
            }
        }

        Assert.Fail($"the keyboard does not reach {selector}");
    }
}
