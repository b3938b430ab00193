using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Engine.Server.Admission;
using Microsoft.Extensions.DependencyInjection;

namespace EndToEnd.Tests.Access;

/// <summary>
/// What changes files waits for locks and disks: in the queue of heavy calls, never on a thread of the light ones.
/// </summary>
public sealed class WaitingChangeTests
{
    [Theory]
    [InlineData("POST", "/v1/blocked", """{"block": ["P1"]}""")]
    [InlineData("POST", "/v1/experiments", """{"experiment": {"name": "e"}}""")]
    [InlineData("GET", "/v1/experiments", "")]
    [InlineData("DELETE", "/v1/experiments/e", "")]
    [InlineData("DELETE", "/v1/pools/p", "")]
    [InlineData("DELETE", "/v1/placements/p", "")]
    [InlineData("DELETE", "/v1/audiences/a", "")]
    [InlineData("DELETE", "/v1/tasks/20260101-000000000-aaaa", "")]
    [InlineData("POST", "/v1/users:forget", """{"user_id": "u"}""")]
    public async Task A_change_takes_its_turn_among_the_heavy_calls(string method, string path, string body)
    {
        await using var engine = await RunningEngine.Start(configure: options => options.Limits.HeavyCalls = 1);
        using var gate = new ManualResetEventSlim();
        var running = engine.Parts.GetRequiredService<HeavyWork>().Run(
            () =>
            {
                gate.Wait();
                return 0;
            },
            CancellationToken.None);
        try
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (body.Length > 0)
            {
                request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            }

            using var answer = await engine.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        }
        finally
        {
            gate.Set();
            await running;
        }
    }
}
