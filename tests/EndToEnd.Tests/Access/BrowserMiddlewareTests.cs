using System.Net;
using System.Text;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Access;

/// <summary>What a page of another site can send, byte for byte, and what it gets.</summary>
public sealed class BrowserMiddlewareTests
{
    [Theory]
    [InlineData("GET", "/v1/pools", "Host: evil.example")]
    [InlineData("DELETE", "/v1/pools/x", "Host: evil.example:8080")]
    [InlineData("GET", "/health", "Host: localhost.evil.example")]
    [InlineData("GET", "/v1/pools", "Origin: https://evil.example")]
    [InlineData("GET", "/v1/pools", "Origin: null")]
    [InlineData("GET", "/v1/pools", "Sec-Fetch-Site: cross-site")]
    [InlineData("POST", "/v1/tasks/x:cancel", "Origin: https://evil.example")]
    [InlineData("POST", "/v1/tasks/x:cancel", "Content-Type: text/plain")]
    [InlineData("POST", "/v1/tasks/x:cancel", "Accept: */*")]
    [InlineData("POST", "/v1/pools", "Content-Type: application/x-www-form-urlencoded")]
    [InlineData("OPTIONS", "/v1/pools", "Origin: https://evil.example")]
    public async Task Pages_of_other_sites_get_nothing(string method, string path, string header)
    {
        await using var engine = await RunningEngine.StartEmpty();
        using var answer = await Send(engine, method, path, header);
        Assert.Contains(
            answer.StatusCode,
            new[] { HttpStatusCode.MisdirectedRequest, HttpStatusCode.Forbidden, HttpStatusCode.BadRequest });
        Assert.Matches("found (Host|Origin|Content-Type|Sec-Fetch-Site)", await answer.Content.ReadAsStringAsync());
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("Host: localhost:8080")]
    [InlineData("Host: 192.168.1.7")]
    [InlineData("Host: [::1]:8080")]
    [InlineData("Host: engine.internal")]
    [InlineData("Host: a.shop.example")]
    [InlineData("Origin: https://console.example")]
    [InlineData("Sec-Fetch-Site: same-origin")]
    public async Task Own_names_and_configured_ones_are_let_in(string header)
    {
        await using var engine = await RunningEngine.StartEmpty(configure: options =>
        {
            options.Access.AllowedHosts = ["engine.internal", "*.shop.example"];
            options.Access.AllowedOrigins = ["https://console.example"];
        });
        using var answer = await Send(engine, "GET", "/v1/tasks", header);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(
            header.StartsWith("Origin", StringComparison.Ordinal),
            answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_page_of_the_engine_itself_is_no_other_site()
    {
        await using var engine = await RunningEngine.StartEmpty();
        using var answer = await Send(
            engine, "GET", "/v1/tasks", $"Origin: {engine.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_cancel_without_a_body_says_json()
    {
        await using var engine = await RunningEngine.StartEmpty();
        using var content = new StringContent("", Encoding.UTF8, "application/json");
        using var answer = await engine.Http.PostAsync("/v1/tasks/x:cancel", content);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task<HttpResponseMessage> Send(RunningEngine engine, string method, string path, string header)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        var (name, value) = (header.Split(": ")[0], header.Split(": ")[1]);
        if (name == "Content-Type")
        {
            request.Content = new StringContent("", Encoding.UTF8);
            request.Content.Headers.Remove(name);
            request.Content.Headers.TryAddWithoutValidation(name, value);
        }
        else
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await engine.Http.SendAsync(request);
    }
}
