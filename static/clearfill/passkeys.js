/* Passkeys: adding one, signing in with one, and signing: the server says what, the passkey answers, the form goes. */
"use strict";

(function () {
  if (!window.PublicKeyCredential || !navigator.credentials) {
    return;
  }

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (letter) {
      return letter.charCodeAt(0);
    });
  }

  function text(buffer) {
    var plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function asked(options) {
    var key = Object.assign({}, options.publicKey || options);
    key.challenge = bytes(key.challenge);
    key.allowCredentials = (key.allowCredentials || []).map(function (credential) {
      return { type: credential.type, id: bytes(credential.id), transports: credential.transports };
    });
    return { publicKey: key };
  }

  function answered(credential) {
    var response = credential.response;
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      clientExtensionResults: {},
      response: {
        clientDataJSON: text(response.clientDataJSON),
        authenticatorData: text(response.authenticatorData),
        signature: text(response.signature),
      },
    });
  }

  /* An answer is good for one sending. What stays in the page would make of the next password a passkey's answer. */
  function forget(form) {
    form.elements.assertion.value = "";
    form.elements.nonce.value = "";
  }

  document.addEventListener("submit", function (event) {
    /* Sent by a button, not by this script: signed with the password. */
    if (event.submitter && event.target.elements.assertion) {
      forget(event.target);
    }
  });

  function sign(form) {
    forget(form);
    var data = new FormData(form);
    data.set("passkey", "begin");
    data.delete("signer_password");
    fetch(form.getAttribute("action") || location.href, { method: "POST", body: data, headers: { Accept: "text/html" } })
      .then(function (response) {
        var type = response.headers.get("Content-Type") || "";
        return response.ok && type.indexOf("json") > 0 ? response.json() : null;
      })
      .then(function (begun) {
        if (begun === null) {
          /* Something else in the form is wrong: the page says what. */
          form.requestSubmit();
          return null;
        }
        return navigator.credentials.get(asked(begun.options)).then(function (credential) {
          form.elements.assertion.value = answered(credential);
          form.elements.nonce.value = begun.nonce;
          form.requestSubmit();
        });
      })
      .catch(function () {
        /* Cancelled, or no passkey at hand: the password is there. */
        var password = form.elements.signer_password;
        if (password) {
          password.focus();
        }
      });
  }

  function wanted(options) {
    var key = Object.assign({}, options.publicKey || options);
    key.challenge = bytes(key.challenge);
    key.user = Object.assign({}, key.user, { id: bytes(key.user.id) });
    key.excludeCredentials = (key.excludeCredentials || []).map(function (credential) {
      return { type: credential.type, id: bytes(credential.id) };
    });
    key.authenticatorSelection = Object.assign({}, key.authenticatorSelection, {
      residentKey: "required",
      requireResidentKey: true,
      userVerification: "required",
    });
    return { publicKey: key };
  }

  function added(credential) {
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      clientExtensionResults: credential.getClientExtensionResults(),
      response: {
        clientDataJSON: text(credential.response.clientDataJSON),
        attestationObject: text(credential.response.attestationObject),
      },
    });
  }

  function withUser(credential) {
    var told = JSON.parse(answered(credential));
    told.response.userHandle = credential.response.userHandle ? text(credential.response.userHandle) : null;
    return JSON.stringify(told);
  }

  function send(form, asking, telling) {
    asking
      .then(function (credential) {
        form.elements.credential.value = telling(credential);
        form.requestSubmit();
      })
      .catch(function () {
        /* Cancelled, or no passkey at hand: the page has another way. */
      });
  }

  /* What each button does: adds a passkey, answers for the second factor, signs in, signs. */
  var deeds = {
    add: function (form) {
      var options = JSON.parse(form.dataset.options).creation_options;
      send(form, navigator.credentials.create(wanted(options)), added);
    },
    authenticate: function (form) {
      var options = JSON.parse(form.dataset.options).request_options;
      send(form, navigator.credentials.get(asked(options)), withUser);
    },
    "sign-in": function (form) {
      var options = fetch(form.action, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } })
        .then(function (response) {
          return response.json();
        })
        .then(function (begun) {
          return navigator.credentials.get(asked(begun.request_options));
        });
      send(form, options, withUser);
    },
    sign: sign,
  };

  document.querySelectorAll("[data-passkey]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      deeds[button.dataset.passkey](button.form);
    });
  });
})();
